import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ERROR_CATALOGUE, type ErrorCode } from '../../domain/shared/error-catalogue';
import { BoucleError, type Fault } from '../../domain/shared/errors';
import { schemaFaults } from '../faults';
import type { App } from '../types';

/** Fastify's own refusals that have a code of ours, and where they lie; its other 4xx are `invalid-request`. */
const FASTIFY_CODES: Readonly<Record<string, { readonly code: ErrorCode; readonly fault?: Fault }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'too-large', fault: { path: '/', message: 'is too large' } },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported-media-type',
    fault: { path: '/headers/content-type', message: 'is not taken here' },
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'invalid-request',
    fault: { path: '/headers/content-length', message: 'is not the length of the body' },
  },
  FST_ERR_BAD_URL: {
    code: 'invalid-request',
    fault: { path: '/path', message: 'is not percent-encoded UTF-8' },
  },
  FST_ERR_NOT_FOUND: { code: 'not-found' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'not-found' },
};

const CONNECTION_CODES = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
]);

/** Everything that goes wrong leaves as application/problem+json (RFC 9457), with a code of the catalogue. */
export function registerErrors(app: App): void {
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    sendProblem(new BoucleError('not-found', 'There is nothing at this address.'), request, reply),
  );
}

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = isCutOff(request)
    ? new BoucleError('invalid-request', 'The request was cut off before its end.', [
        { path: '/', message: 'is cut off' },
      ])
    : toBoucleError(error);
  const { status, help } = ERROR_CATALOGUE[problem.code];
  if (status >= 500) request.log.error({ code: problem.code, fault: loggable(error) }, 'request failed');
  if (ERROR_CATALOGUE[problem.code].retry) void reply.header('retry-after', '1');
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  return reply
    .code(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `urn:boucle:error:${problem.code}`,
        title: help,
        status,
        detail: problem.message,
        code: problem.code,
        ...(problem.faults.length > 0 ? { faults: problem.faults } : {}),
        requestId: request.id,
      }),
    );
}

/** The caller went away in the middle of the body: whatever failed for it is no fault of ours. */
const isCutOff = ({ raw }: FastifyRequest): boolean => raw.destroyed && !raw.complete;

/** What of any error somebody outside may see. A fault of ours never shows more than its code. */
export function toBoucleError(error: unknown): BoucleError {
  if (error instanceof BoucleError) return error;
  const faults = schemaFaults(error);
  if (faults !== null)
    return new BoucleError('invalid-request', 'The request does not have the documented shape.', faults);
  const code = propertyOf(error, 'code');
  const name = propertyOf(error, 'name');
  if (name === 'PostgresError' && typeof code === 'string') return ofPostgres(code);
  if (typeof code === 'string' && CONNECTION_CODES.has(code)) {
    return new BoucleError('database-unavailable', 'PostgreSQL does not answer.');
  }
  const known = typeof code === 'string' ? FASTIFY_CODES[code] : undefined;
  if (known !== undefined)
    return new BoucleError(
      known.code,
      ERROR_CATALOGUE[known.code].help,
      known.fault === undefined ? [] : [known.fault],
    );
  const status = propertyOf(error, 'statusCode');
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new BoucleError(
      'invalid-request',
      'The request cannot be read: its body, headers or address are malformed.',
    );
  }
  return new BoucleError('internal', 'Something failed on our side.');
}

/** By SQLSTATE: a value that cannot be stored is the caller's, a lost race is a conflict, the rest is ours. */
function ofPostgres(sqlState: string): BoucleError {
  if (sqlState.startsWith('22'))
    return new BoucleError('invalid-request', 'A value of the request cannot be stored.');
  if (sqlState === '23505')
    return new BoucleError('conflict', 'Somebody else has just written the same thing.');
  if (sqlState === '23503')
    return new BoucleError('conflict', 'Something that it refers to is not there any more.');
  if (/^(08|53|57P)/.test(sqlState))
    return new BoucleError('database-unavailable', 'PostgreSQL does not answer.');
  return new BoucleError('internal', 'Something failed on our side.');
}

/** What may go in the log: PostgreSQL's message and detail can carry row values, so of its errors only codes stay. */
export function loggable(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  if (error.name === 'PostgresError') {
    return {
      type: error.name,
      code: propertyOf(error, 'code'),
      table: propertyOf(error, 'table_name'),
      constraint: propertyOf(error, 'constraint_name'),
      where: frames(error),
    };
  }
  return { type: error.name, message: error.message, where: frames(error) };
}

const frames = (error: Error): string[] =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 12)
    .map((line) => line.trim());

function propertyOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && key in value ? Reflect.get(value, key) : undefined;
}
