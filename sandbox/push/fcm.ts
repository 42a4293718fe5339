import { createPublicKey, createVerify, generateKeyPairSync, randomBytes } from 'node:crypto';
import fastify, { type FastifyReply } from 'fastify';
import { freePort } from '../../stack/ports';
import { createTroubles, type Troubles } from '../support/troubles';

export interface PushedMessage {
  readonly token: string;
  readonly notification: { readonly title: string; readonly body: string };
  readonly data: Readonly<Record<string, string>>;
}

export interface FcmStandIn {
  /** What FCM_URL takes. */
  readonly fcmUrl: string;
  /** What FCM_TOKEN_URL takes. */
  readonly tokenUrl: string;
  /** The JSON key of a service account it knows. */
  readonly serviceAccount: {
    readonly type: 'service_account';
    readonly project_id: string;
    readonly client_email: string;
    readonly private_key: string;
  };
  readonly messages: readonly PushedMessage[];
  /** How many access tokens were asked for. */
  readonly grants: () => number;
  /** Of sending; the token endpoint has none. */
  readonly troubles: Troubles;
  close(): Promise<void>;
}

export interface FcmOptions {
  readonly host?: string;
  readonly port?: number;
  /** Tokens of applications that are gone. */
  readonly unregistered?: readonly string[];
}

const PROJECT = 'sandbox-project';
const EMAIL = `sender@${PROJECT}.iam.gserviceaccount.com`;
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Names a Message may have in the v1 API (firebase.google.com/docs/reference/fcm/rest/v1/projects.messages). */
const MESSAGE_FIELDS = new Set([
  'name',
  'data',
  'notification',
  'android',
  'webpush',
  'apns',
  'fcm_options',
  'token',
]);

/** Google's token endpoint and FCM's HTTP v1 API in memory, checking signatures and messages as documented. */
export async function startFcm(options: FcmOptions = {}): Promise<FcmStandIn> {
  const { host = '127.0.0.1', port = 8029, unregistered = [] } = options;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicKey = createPublicKey(privatePem);
  const messages: PushedMessage[] = [];
  const bearers = new Set<string>();
  const troubles = createTroubles();
  const app = fastify({ forceCloseConnections: true });
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  );

  app.post('/token', (request, reply) => {
    const form = new URLSearchParams(String(request.body));
    const claims = claimsOf(form.get('assertion') ?? '', (signed, signature) =>
      createVerify('RSA-SHA256').update(signed).verify(publicKey, signature),
    );
    const now = Date.now() / 1_000;
    if (form.get('grant_type') !== GRANT || claims === null || claims['iss'] !== EMAIL)
      return reply.code(400).send({ error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
    if (claims['aud'] !== 'https://oauth2.googleapis.com/token' || Number(claims['exp']) < now)
      return reply.code(400).send({ error: 'invalid_grant', error_description: 'Invalid JWT.' });
    if (claims['scope'] !== SCOPE) return reply.code(400).send({ error: 'invalid_scope' });
    const bearer = `ya29.${randomBytes(24).toString('base64url')}`;
    bearers.add(bearer);
    return reply.send({ access_token: bearer, expires_in: 3_599, token_type: 'Bearer' });
  });

  app.post<{ Params: { project: string }; Body: unknown }>(
    '/v1/projects/:project/messages::send',
    (request, reply) => {
      const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      if (!bearers.has(bearer)) return fault(reply, 401, 'UNAUTHENTICATED', null);
      if (request.params.project !== PROJECT)
        return fault(reply, 403, 'PERMISSION_DENIED', 'SENDER_ID_MISMATCH');
      const message = messageOf(request.body);
      if (message === null) return fault(reply, 400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT');
      if (unregistered.includes(message.token)) return fault(reply, 404, 'NOT_FOUND', 'UNREGISTERED');
      return troubles.answer(reply, () => {
        messages.push(message);
        return { status: 200, body: { name: `projects/${PROJECT}/messages/0:${messages.length}` } };
      });
    },
  );

  const url = await app.listen({ host, port: await freePort(port, host) });
  return {
    fcmUrl: url,
    tokenUrl: `${url}/token`,
    serviceAccount: {
      type: 'service_account',
      project_id: PROJECT,
      client_email: EMAIL,
      private_key: privatePem,
    },
    messages,
    grants: () => bearers.size,
    troubles,
    close: () => app.close(),
  };
}

/** The body of an error as google.rpc.Status with FCM's own code. */
export const fcmFault = (status: number, rpc: string, errorCode: string | null): object => ({
  error: {
    code: status,
    message: 'refused',
    status: rpc,
    details:
      errorCode === null
        ? []
        : [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }],
  },
});

const fault = (reply: FastifyReply, status: number, rpc: string, errorCode: string | null): FastifyReply =>
  reply.code(status).send(fcmFault(status, rpc, errorCode));

function claimsOf(
  jwt: string,
  holds: (signed: string, signature: Buffer) => boolean,
): Record<string, unknown> | null {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  if (!holds(`${header}.${payload}`, Buffer.from(signature, 'base64url'))) return null;
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
}

/** null: not a message v1 takes. Values of `data` are strings; the payload has 4,096 bytes at most. */
function messageOf(body: unknown): PushedMessage | null {
  const message = (body as { message?: Record<string, unknown> } | null)?.message;
  if (message === undefined || Object.keys(message).some((name) => !MESSAGE_FIELDS.has(name))) return null;
  const { token, notification, data = {} } = message as Partial<PushedMessage>;
  if (typeof token !== 'string' || token === '' || notification === undefined) return null;
  if (typeof notification.title !== 'string' || typeof notification.body !== 'string') return null;
  if (Object.values(data).some((value) => typeof value !== 'string')) return null;
  if (Buffer.byteLength(JSON.stringify({ notification, data })) > 4_096) return null;
  const link = (message['webpush'] as { fcm_options?: { link?: string } } | undefined)?.fcm_options?.link;
  if (link !== undefined && !link.startsWith('https://')) return null;
  return { token, notification, data };
}
