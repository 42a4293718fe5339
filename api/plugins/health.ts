import type { MetricsStore } from '../../store/metrics-store';
import type { Orchestrator } from '../orchestrator';
import type { App } from '../types';

/** A dependency that takes longer counts as away. */
const PROBE_MS = 2_000;

/** `/healthz`: the process lives. `/readyz`: PostgreSQL and Temporal answer it, and 503 with which does not. */
export function registerHealth(app: App, deps: { metrics: MetricsStore; orchestrator: Orchestrator }): void {
  app.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'ok' }));
  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    const [postgresql, temporal] = await Promise.all([
      probe(() => deps.metrics.ping()),
      probe(() => deps.orchestrator.ping()),
    ]);
    const ready = postgresql && temporal;
    return reply.code(ready ? 200 : 503).send({
      status: ready ? 'ready' : 'not-ready',
      postgresql: postgresql ? 'ok' : 'away',
      temporal: temporal ? 'ok' : 'away',
    });
  });
}

async function probe(work: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PROBE_MS);
  });
  const answered = work().then(
    () => true,
    () => false,
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}
