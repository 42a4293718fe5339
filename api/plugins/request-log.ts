import type { App } from '../types';

/** One line a request, by the route's pattern: the address itself may name somebody. */
export function registerRequestLog(app: App): void {
  app.addHook('onResponse', async (request, reply) => {
    const level = reply.statusCode >= 500 ? 'warn' : 'info';
    request.log[level](
      {
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        ...(request.principal === null ? {} : { key: request.principal.keyId }),
      },
      'answered',
    );
  });
}
