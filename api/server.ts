import closeWithGrace from 'close-with-grace';
import { createDiskBlobStore } from '../adapters/assets/disk-blob-store';
import { createLazyClient } from '../adapters/temporal/lazy-client';
import { loadBrands } from '../config/brands';
import { readEnv } from '../config/env';
import { version } from '../config/revision';
import { BoucleError } from '../domain/shared/errors';
import { createAccessStore } from '../store/access-store';
import { createIdempotencyStore } from '../store/idempotency-store';
import { connect } from '../store/db';
import { buildApp } from './app';
import { openBounceDoor } from './bounce-door';
import { openToThisMachine } from './pages/pages-deps';
import { createTemporalOrchestrator } from './temporal-orchestrator';

/** Requests under way get this long to end. */
const GRACE_MS = 15_000;
/** Between two sweeps of answers kept for an Idempotency-Key. */
const SWEEP_MS = 3_600_000;

async function main(): Promise<void> {
  const env = readEnv();
  if (env.DATABASE_URL === undefined) throw new Error('configuration-invalid\nDATABASE_URL: must be set');
  if (env.TEMPORAL_ADDRESS === undefined)
    throw new Error('configuration-invalid\nTEMPORAL_ADDRESS: must be set');
  const db = connect(env.DATABASE_URL, env.DATABASE_CONNECTIONS);
  const temporal = createLazyClient({
    address: env.TEMPORAL_ADDRESS,
    namespace: env.TEMPORAL_NAMESPACE,
    tls: env.TEMPORAL_TLS,
    ...(env.TEMPORAL_API_KEY === undefined ? {} : { apiKey: env.TEMPORAL_API_KEY }),
  });
  const brands = loadBrands();
  const app = await buildApp({
    db,
    orchestrator: createTemporalOrchestrator(() => temporal.client()),
    blobs: createDiskBlobStore(env.blobDir),
    brands,
    settings: {
      publicUrl: env.PUBLIC_URL.replace(/\/+$/, ''),
      temporalUiUrl: env.TEMPORAL_UI_URL.replace(/\/+$/, ''),
      temporalNamespace: env.TEMPORAL_NAMESPACE,
      pepper: env.BOUCLE_PEPPER,
      linkSecret: env.BOUCLE_LINK_SECRET,
      slackSigningSecret: env.SLACK_SIGNING_SECRET,
      providerWebhookSecret: env.PROVIDER_WEBHOOK_SECRET,
      bounceWebhookSecret: env.BOUNCE_WEBHOOK_SECRET,
      consentWebhookSecret: env.CONSENT_WEBHOOK_SECRET,
      scannerSeconds: env.SCANNER_CLICK_SECONDS,
      unknownEventTypes: env.UNKNOWN_EVENT_TYPES,
      smsWebhookSecret: env.SMS_WEBHOOK_SECRET,
      twilioAuthToken: env.TWILIO_AUTH_TOKEN,
      letterWebhookSecret: env.LETTER_WEBHOOK_SECRET,
      webhooksAnywhere: env.WEBHOOKS_ANYWHERE,
      openPages: openToThisMachine(env),
      version: version(),
    },
    logger: { level: env.LOG_LEVEL, base: { service: 'api' } },
  });

  const bounces =
    env.BOUNCE_LMTP_PORT === undefined
      ? null
      : await openBounceDoor({
          host: env.API_HOST,
          port: env.BOUNCE_LMTP_PORT,
          sql: db.app,
          brands: brands.values(),
          linkSecret: env.BOUCLE_LINK_SECRET,
          pepper: env.BOUCLE_PEPPER,
          log: app.log,
        });

  const sweep = setInterval(() => {
    createIdempotencyStore(db.app)
      .sweep()
      .catch(() => app.log.warn({ code: 'sweep-failed' }, 'old answers are swept the next time'));
  }, SWEEP_MS);
  closeWithGrace({ delay: GRACE_MS, logger: false }, async ({ err, signal }) => {
    if (err) app.log.fatal({ type: err.name, message: err.message }, 'ends after a fault nobody caught');
    else app.log.info({ signal }, 'ends');
    clearInterval(sweep);
    await Promise.all([app.close(), bounces?.close()]);
    await Promise.all([temporal.close(), db.close()]);
  });

  if (env.BOUCLE_ADMIN_KEY !== undefined) await createAccessStore(db.app).bootstrap(env.BOUCLE_ADMIN_KEY);
  await app.listen({ host: env.API_HOST, port: env.API_PORT });
}

/** One line that says what to do; a stack only for what nobody foresaw. */
function words(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  const code = 'code' in fault ? fault.code : undefined;
  const port = 'port' in fault ? String(fault.port) : '';
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken: end what holds it, or set API_PORT (BOUNCE_LMTP_PORT for returned mails).`;
  if (code === 'EACCES') return `Port ${port} may not be opened by this user: set API_PORT.`;
  if (code === 'ECONNREFUSED') return 'PostgreSQL does not answer at DATABASE_URL.';
  if (fault instanceof BoucleError) return `${fault.code}\n${fault.message}`;
  return fault.message.startsWith('configuration-invalid') ? fault.message : (fault.stack ?? fault.message);
}

main().catch((fault: unknown) => {
  process.stderr.write(`${words(fault)}\n`);
  process.exit(1);
});
