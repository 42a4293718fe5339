import { z } from 'zod';
import { fromRoot } from './paths';

/**
 * The only reader of the environment. docs/environment.md is generated from here.
 * Every part Boucle needs can be an address; what is left out, `npm start` starts on this machine.
 */
const flag = z.enum(['true', 'false']).transform((v) => v === 'true');

const DEVELOPMENT_SECRET = 'for-one-machine-only-change-me-in-production';

export const ENV_KEYS = {
  DATABASE_URL: z
    .string()
    .optional()
    .describe('PostgreSQL, as postgres://user:password@host:port/database. Left out: `npm start` runs one.'),
  DATABASE_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(2)
    .max(200)
    .default(10)
    .describe('Connections each pool of a process may hold.'),
  TEMPORAL_ADDRESS: z
    .string()
    .optional()
    .describe('Temporal frontend, host:port. Left out: `npm start` runs a development server.'),
  TEMPORAL_NAMESPACE: z.string().default('default').describe('Temporal namespace.'),
  TEMPORAL_API_KEY: z.string().optional().describe('API key of a Temporal cluster; switches TLS on.'),
  TEMPORAL_TLS: flag.default(false).describe('TLS towards Temporal: true or false.'),
  TEMPORAL_UI_URL: z
    .string()
    .default('http://127.0.0.1:8233')
    .describe('Address of the Temporal web UI, for links.'),
  API_HOST: z.string().default('127.0.0.1').describe('Interface the api listens on.'),
  API_PORT: z.coerce.number().int().min(0).max(65535).default(8080).describe('Port the api listens on.'),
  PUBLIC_URL: z
    .string()
    .default('http://127.0.0.1:8080')
    .describe(
      'Address of the api as recipients and approvers reach it; tracked links and unsubscribe links start with it.',
    ),
  BOUCLE_PEPPER: z
    .string()
    .min(16)
    .default(DEVELOPMENT_SECRET)
    .describe('Secret key of the address fingerprints. Changing it makes every known fingerprint worthless.'),
  BOUCLE_LINK_SECRET: z
    .string()
    .min(16)
    .default(DEVELOPMENT_SECRET)
    .describe('Secret key that signs tracked and unsubscribe links.'),
  BOUCLE_ADMIN_KEY: z
    .string()
    .optional()
    .describe(
      'API key with every role, made known at start-up unless its id is known already: bcl_<id>_<secret>.',
    ),
  BOUCLE_DATA_DIR: z
    .string()
    .default(fromRoot('.boucle'))
    .describe('Folder of what this machine keeps: databases it starts, pictures, the knowledge folder.'),
  SMTP_URL: z
    .string()
    .optional()
    .describe(
      'Mail relay, as smtp://user:password@host:port. Left out: e-mails are written to the log and go nowhere.',
    ),
  SMTP_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(50)
    .default(20)
    .describe('Connections kept open to the relay by each worker, and messages on the wire at once.'),
  DKIM_KEYS_DIR: z
    .string()
    .optional()
    .describe(
      'Folder of private keys that sign e-mails, each named as its DNS record: selector._domainkey.domain.pem. Left out: the relay signs.',
    ),
  SLACK_BOT_TOKEN: z
    .string()
    .optional()
    .describe('Token of the Slack app (xoxb-…). Left out: approvals go by REST alone.'),
  SLACK_SIGNING_SECRET: z
    .string()
    .optional()
    .describe('Signing secret of the Slack app; without it /slack/interactions refuses every call.'),
  SLACK_CHANNEL: z
    .string()
    .default('#crm-approvals')
    .describe('Channel approvals and incidents are posted to.'),
  PROVIDER_WEBHOOK_SECRET: z
    .string()
    .min(16)
    .optional()
    .describe(
      'Secret that signs what the mail provider tells (HMAC-SHA-256); without it /webhooks/email and /webhooks/complaints refuse every call.',
    ),
  CONSENT_WEBHOOK_SECRET: z
    .string()
    .min(16)
    .optional()
    .describe(
      'Secret that signs what the consent platform tells (HMAC-SHA-256); without it /webhooks/consents refuses every call.',
    ),
  BOUNCE_WEBHOOK_SECRET: z
    .string()
    .min(16)
    .optional()
    .describe(
      'Bearer secret of /webhooks/bounces, where the mail server pipes returned mails; without it every one is refused.',
    ),
  BOUNCE_LMTP_PORT: z.coerce
    .number()
    .int()
    .min(1)
    .max(65535)
    .optional()
    .describe(
      'Port on API_HOST where the api takes returned mails by LMTP from your own mail server, for the bounce domains of the brands. Left out: none is opened. Unencrypted and without a password: never open it to the internet.',
    ),
  SCANNER_CLICK_SECONDS: z.coerce
    .number()
    .min(0)
    .max(60)
    .default(2)
    .describe(
      'A click sooner after the hand-over than this, or one of several within it, is a scanner’s and counts for nobody; 0: none is.',
    ),
  UNKNOWN_EVENT_TYPES: z
    .enum(['accept', 'refuse'])
    .default('accept')
    .describe('What becomes of events whose type no policy `event-type` knows.'),
  SLACK_API_URL: z.string().optional().describe('Another address of the Slack Web API, for tests.'),
  SMS_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Where SMS are POSTed as JSON (adapters/sms/https-sender.ts says how). Left out, and Twilio too: they go to the log.',
    ),
  SMS_TOKEN: z.string().min(1).optional().describe('Bearer token of SMS_URL.'),
  SMS_WEBHOOK_SECRET: z
    .string()
    .min(16)
    .optional()
    .describe(
      'Secret that signs what the SMS provider tells (HMAC-SHA-256); without it /webhooks/sms refuses every call.',
    ),
  SMS_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(50)
    .default(8)
    .describe('Connections kept open to the SMS provider by each worker.'),
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-fA-F]{32}$/, 'AC and 32 hexadecimal digits')
    .optional()
    .describe('Account at Twilio that SMS are sent with, instead of SMS_URL.'),
  TWILIO_AUTH_TOKEN: z
    .string()
    .min(16)
    .optional()
    .describe('Its auth token; signs what Twilio tells, without it /webhooks/sms/twilio refuses every call.'),
  TWILIO_MESSAGING_SERVICE_SID: z
    .string()
    .regex(/^MG[0-9a-fA-F]{32}$/, 'MG and 32 hexadecimal digits')
    .optional()
    .describe('Messaging service that picks the sender. Left out: the sender of the brand.'),
  TWILIO_API_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Another address of Twilio’s API, for tests.'),
  FCM_SERVICE_ACCOUNT: z
    .string()
    .optional()
    .describe(
      'JSON key file of the Firebase service account that push messages are sent with. Left out: they go to the log.',
    ),
  FCM_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Another address of Firebase Cloud Messaging, for tests.'),
  FCM_TOKEN_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Another address of Google’s OAuth tokens, for tests.'),
  IN_APP: z
    .enum(['pull', 'log'])
    .default('pull')
    .describe(
      'pull: in-app messages wait until the application fetches them. log: they go to the log, where no application does.',
    ),
  LETTERS_DIR: z
    .string()
    .optional()
    .describe(
      'Folder a print shop takes letters from: PDFs and manifests, a folder a campaign. Left out: letters go to the log.',
    ),
  E_LETTER_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Where electronic letters are deposited (adapters/letters/https-sender.ts says how). Left out: LETTERS_DIR takes them.',
    ),
  E_LETTER_TOKEN: z.string().min(1).optional().describe('Bearer token of E_LETTER_URL.'),
  LETTER_WEBHOOK_SECRET: z
    .string()
    .min(16)
    .optional()
    .describe(
      'Secret that signs the proofs of letters (HMAC-SHA-256); without it /webhooks/letters refuses every call.',
    ),
  BLOB_DIR: z
    .string()
    .optional()
    .describe('Folder of pictures and files, by content hash. Left out: blobs/ in BOUCLE_DATA_DIR.'),
  KNOWLEDGE_DIR: z
    .string()
    .optional()
    .describe(
      'Folder under git with improvement-backlog.md, crm-test-log.md and persona_matrix.csv. Left out: knowledge/ in BOUCLE_DATA_DIR.',
    ),
  WEBHOOKS_ANYWHERE: flag
    .default(false)
    .describe(
      'true: webhook subscriptions may name any address, http and private networks too. For a machine of one’s own alone: who holds an admin key could make the worker call what only it can reach.',
    ),
  WORKER_QUEUES: z
    .string()
    .default('campaigns,rendering,delivery,analytics,guardrails,service,segments')
    .describe(
      'Task queues this worker serves, by comma; `service` is the lane of single messages, `segments` the one that keeps segments true.',
    ),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('Least severe line that is logged.'),
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('development')
    .describe('In production the secrets above must be set.'),
} as const;

/** Keys of which the first is worthless without the second. */
const TOGETHER = [
  ['SMS_URL', 'SMS_TOKEN'],
  ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN'],
  ['E_LETTER_URL', 'E_LETTER_TOKEN'],
] as const;

const envSchema = z.object(ENV_KEYS).superRefine((env, ctx) => {
  for (const [key, needed] of TOGETHER) {
    if (env[key] !== undefined && env[needed] === undefined)
      ctx.addIssue({ code: 'custom', path: [needed], message: `must be set with ${key}` });
  }
  if (env.SMS_URL !== undefined && env.TWILIO_ACCOUNT_SID !== undefined)
    ctx.addIssue({ code: 'custom', path: ['SMS_URL'], message: 'is set, and so is TWILIO_ACCOUNT_SID' });
  if (env.NODE_ENV !== 'production') return;
  for (const key of ['BOUCLE_PEPPER', 'BOUCLE_LINK_SECRET'] as const) {
    if (env[key] === DEVELOPMENT_SECRET)
      ctx.addIssue({ code: 'custom', path: [key], message: 'must be set in production' });
  }
});

export type Env = z.infer<typeof envSchema> & { readonly blobDir: string; readonly knowledgeDir: string };

/** Reads and checks the environment. Throws with one line per key at fault, values never shown. */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, v]) => v !== undefined && v !== ''));
  const parsed = envSchema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`);
    throw new Error(`configuration-invalid\n${lines.join('\n')}`);
  }
  const env = parsed.data;
  return {
    ...env,
    blobDir: env.BLOB_DIR ?? `${env.BOUCLE_DATA_DIR}/blobs`,
    knowledgeDir: env.KNOWLEDGE_DIR ?? `${env.BOUCLE_DATA_DIR}/knowledge`,
  };
}

/** The environment a child process gets: ours, with what is said of it. */
export const inheritedEnv = (more: Readonly<Record<string, string>>): Record<string, string | undefined> => ({
  ...process.env,
  ...more,
});
