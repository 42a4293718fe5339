import type { FastifyRequest } from 'fastify';
import type {} from '@fastify/swagger';
import { z } from 'zod';
import { verifySlackSignature } from '../../adapters/slack/signature';
import { BoucleError } from '../../domain/shared/errors';
import type { SlackInboxStore } from '../../store/slack-inbox-store';
import type { App } from '../types';

export interface SlackRoutesDeps {
  readonly inbox: Pick<SlackInboxStore, 'receive'>;
  /** Left out, every call is refused: nothing unsigned is ever taken. */
  readonly signingSecret: string | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** What is needed to know a click again: Slack gives each its trigger id, older surfaces the time of the action. */
const click = z.looseObject({
  trigger_id: z.string().min(1).max(200).optional(),
  user: z.looseObject({ id: z.string().max(60) }).optional(),
  actions: z.array(z.looseObject({ action_ts: z.string().max(60).optional() })).optional(),
});

/**
 * Slack's interactivity request URL. Slack gives up after 3 seconds and shows the person a warning, so this only
 * checks, keeps and answers 200 with an empty body; the worker's outbox judges and answers in Slack. The same click
 * again is answered the same and kept once.
 */
export async function slackRoutes(app: App, deps: SlackRoutesDeps): Promise<void> {
  const { inbox, signingSecret, now = Date.now } = deps;
  await app.register(async (scope) => {
    // The signature is over the bytes: this scope reads nothing but the form, and reads it raw.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'buffer', bodyLimit: 1 << 20 },
      (_request, body, done) => done(null, body),
    );
    scope.post('/slack/interactions', { schema: { hide: true } }, async (request, reply) => {
      const body = signedBody(request, signingSecret, Math.floor(now() / 1_000));
      const payload = payloadOf(body);
      await inbox.receive(idOf(payload), withoutSecrets(payload));
      return reply.code(200).send();
    });
  });
}

function signedBody(request: FastifyRequest, secret: string | undefined, nowSeconds: number): Buffer {
  const { body } = request;
  const timestamp = request.headers['x-slack-request-timestamp'];
  const signature = request.headers['x-slack-signature'];
  if (
    secret === undefined ||
    !Buffer.isBuffer(body) ||
    typeof timestamp !== 'string' ||
    typeof signature !== 'string' ||
    !verifySlackSignature({ secret, timestamp, body, signature, nowSeconds })
  ) {
    throw new BoucleError('bad-signature', 'The signature or its timestamp does not hold.');
  }
  return body;
}

function payloadOf(body: Buffer): Record<string, unknown> {
  const text = new URLSearchParams(body.toString('utf8')).get('payload');
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text ?? ''));
  } catch {
    throw new BoucleError('invalid-request', 'The form field `payload` must hold a JSON object.', [
      { path: '/payload', message: 'not a JSON object' },
    ]);
  }
}

function idOf(payload: Record<string, unknown>): string {
  const { trigger_id, user, actions } = click.safeParse(payload).data ?? {};
  if (trigger_id !== undefined) return trigger_id;
  const at = actions?.[0]?.action_ts;
  if (user !== undefined && at !== undefined) return `${user.id}.${at}`;
  throw new BoucleError('invalid-request', 'An interaction needs a trigger_id or an action_ts.', [
    { path: '/payload/trigger_id', message: 'missing' },
  ]);
}

/** The deprecated verification token and the response URL let anybody who reads them speak for us: not kept. */
function withoutSecrets({
  token: _token,
  response_url: _url,
  response_urls: _urls,
  ...rest
}: Record<string, unknown>) {
  return rest;
}
