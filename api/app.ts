import { randomUUID } from 'node:crypto';
import fastify, { LogController, type FastifyServerOptions } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { BlobStore, Brand } from '../domain/creatives/ports';
import { createAccessStore } from '../store/access-store';
import { createAuditStore } from '../store/audit-store';
import type { Db } from '../store/db';
import { createIdempotencyStore } from '../store/idempotency-store';
import { createMetricsStore } from '../store/metrics-store';
import type { Orchestrator } from './orchestrator';
import { requestValidator } from './parse';
import { registerAudit } from './plugins/audit';
import { registerAuthentication } from './plugins/authentication';
import { registerBodies } from './plugins/bodies';
import { registerErrors, sendProblem } from './plugins/errors';
import { registerHealth } from './plugins/health';
import { registerIdempotency } from './plugins/idempotency';
import { registerInputGuard } from './plugins/input-guard';
import { registerMetrics } from './plugins/metrics';
import { registerOpenApi } from './plugins/openapi';
import { registerRequestLog } from './plugins/request-log';
import { registerSecurityHeaders } from './plugins/security-headers';
import { registerRoutes } from './routes';
import type { App } from './types';

export interface ApiSettings {
  /** Without a slash at its end. */
  readonly publicUrl: string;
  readonly temporalUiUrl: string;
  readonly temporalNamespace: string;
  readonly pepper: string;
  readonly linkSecret: string;
  readonly slackSigningSecret: string | undefined;
  /** Signs the webhooks of the mail provider. */
  readonly providerWebhookSecret: string | undefined;
  /** Opens the door for returned mails. */
  readonly bounceWebhookSecret?: string | undefined;
  /** A click sooner than this is a scanner's; left out, 2. */
  readonly scannerSeconds?: number;
  /** What becomes of events of a type no policy knows; left out: they are taken. */
  readonly unknownEventTypes?: 'accept' | 'refuse';
  /** Signs the webhooks of the consent platform. */
  readonly consentWebhookSecret?: string | undefined;
  /** Sign what the SMS provider, Twilio, and carriers of letters tell. */
  readonly smsWebhookSecret?: string | undefined;
  readonly twilioAuthToken?: string | undefined;
  readonly letterWebhookSecret?: string | undefined;
  /** Subscribers to webhooks may be at any address, not only https on the internet: for a machine of one's own. */
  readonly webhooksAnywhere: boolean;
  /** Pages are read without signing in: for a machine of one's own. */
  readonly openPages: boolean;
  readonly version: string;
}

export interface ApiDeps {
  readonly db: Db;
  readonly orchestrator: Orchestrator;
  readonly blobs: BlobStore;
  readonly brands: ReadonlyMap<string, Brand>;
  readonly settings: ApiSettings;
  readonly logger?: NonNullable<FastifyServerOptions['logger']>;
  /** Adds what a test needs, before the application is ready. */
  readonly extend?: (app: App) => void;
}

/** JSON bodies; routes that take more say so themselves. */
const BODY_LIMIT_BYTES = 1 << 20;
/** From the first byte of a request to its last: a file of gigabytes over a slow line, but not for ever. */
const REQUEST_TIMEOUT_MS = 15 * 60_000;

/** The whole HTTP face, not listening yet. Everything outside comes in by `deps`. */
export async function buildApp(deps: ApiDeps): Promise<App> {
  const app = fastify({
    logger: deps.logger ?? false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    genReqId: () => randomUUID(),
    // Addresses of pages and queries can name people: only what registerRequestLog writes is logged.
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: (error, request, reply) => {
      void sendProblem(error, request, reply);
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(requestValidator);
  app.setSerializerCompiler(serializerCompiler);

  const sql = deps.db.app;
  const metrics = createMetricsStore(sql);
  registerErrors(app);
  registerSecurityHeaders(app);
  registerBodies(app);
  registerRequestLog(app);
  registerMetrics(app, metrics);
  registerAuthentication(app, createAccessStore(sql));
  registerInputGuard(app);
  registerIdempotency(app, createIdempotencyStore(sql));
  registerAudit(app, createAuditStore(sql));
  registerHealth(app, { metrics, orchestrator: deps.orchestrator });
  await registerOpenApi(app, deps.settings.version);
  await registerRoutes(app, deps);
  deps.extend?.(app);
  await app.ready();
  return app;
}
