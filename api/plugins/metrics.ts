import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricsStore } from '../../store/metrics-store';
import type { App } from '../types';

/** How long the counts over the whole ledger are good for: a scrape must not cost more than it tells. */
const COUNTS_MAX_AGE_MS = 10_000;

/** Prometheus text at /metrics: counts only, for the network inside. */
export function registerMetrics(app: App, store: MetricsStore): void {
  const registry = new Registry();
  const labelNames = ['method', 'route', 'status'] as const;
  const requests = new Counter({
    name: 'boucle_http_requests_total',
    help: 'Requests answered.',
    labelNames,
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'boucle_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer.',
    labelNames,
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers: [registry],
  });
  const campaigns = new Gauge({
    name: 'boucle_campaigns',
    help: 'Campaigns that have not ended, by stage.',
    labelNames: ['stage'],
    registers: [registry],
  });
  const deliveries = new Gauge({
    name: 'boucle_deliveries',
    help: 'Deliveries by state, from the ledger.',
    labelNames: ['state'],
    registers: [registry],
  });

  app.addHook('onResponse', async (request, reply) => {
    const labels = {
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: String(reply.statusCode),
    };
    requests.inc(labels);
    duration.observe(labels, reply.elapsedTime / 1_000);
  });

  let countedAtMs = -Infinity;
  const count = async (): Promise<void> => {
    if (performance.now() - countedAtMs < COUNTS_MAX_AGE_MS) return;
    const [byStage, byState] = await Promise.all([store.openCampaignsByStage(), store.deliveriesByState()]);
    campaigns.reset();
    deliveries.reset();
    for (const { stage, count: n } of byStage) campaigns.set({ stage }, n);
    for (const { state, count: n } of byState) deliveries.set({ state }, n);
    countedAtMs = performance.now();
  };

  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    await count();
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}
