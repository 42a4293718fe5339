import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fastify from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { signSlackRequest } from '../../../adapters/slack/signature';
import { registerBodies } from '../../../api/plugins/bodies';
import { registerErrors } from '../../../api/plugins/errors';
import { slackRoutes } from '../../../api/routes/slack';
import { createSlackInboxStore } from '../../../store/slack-inbox-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';

const SECRET = 'the-signing-secret-of-the-app';
const NOW_SECONDS = 1_790_000_000;

async function appWith(fresh: FreshDatabase, signingSecret: string | undefined) {
  const app = fastify().withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  registerErrors(app);
  registerBodies(app);
  await slackRoutes(app, {
    inbox: createSlackInboxStore(fresh.db.app),
    signingSecret,
    now: () => NOW_SECONDS * 1_000,
  });
  app.post('/elsewhere', async (request) => request.body);
  return app;
}

let fresh: FreshDatabase;
let app: Awaited<ReturnType<typeof appWith>>;
beforeAll(async () => {
  fresh = await freshDatabase();
  app = await appWith(fresh, SECRET);
});
beforeEach(() => fresh.db.app`delete from slack_inbox`.then(() => undefined));
afterAll(async () => {
  await app.close();
  await fresh.close();
});

const click = {
  type: 'block_actions',
  trigger_id: '13345.678.abc',
  token: 'old-token',
  response_url: 'https://hooks.slack.com/x',
  user: { id: 'U1' },
  actions: [{ action_id: 'boucle.approve', action_ts: '1790000000.1' }],
};
const form = (payload: unknown): string =>
  new URLSearchParams({ payload: JSON.stringify(payload) }).toString();

function post(
  body: string,
  change: { timestamp?: string; signature?: string; type?: string; secret?: string } = {},
  to = app,
) {
  const timestamp = change.timestamp ?? String(NOW_SECONDS);
  const signature =
    change.signature ?? signSlackRequest({ secret: change.secret ?? SECRET, timestamp, body });
  return to.inject({
    method: 'POST',
    url: '/slack/interactions',
    headers: {
      'content-type': change.type ?? 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature,
    },
    payload: body,
  });
}
const kept = () =>
  fresh.db.app<{ id: string; payload: Record<string, unknown> }[]>`select id, payload from slack_inbox`;

describe('POST /slack/interactions', () => {
  test('keeps a signed click under its trigger id and answers 200 with nothing', async () => {
    const answer = await post(form(click));
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
    const rows = await kept();
    expect(rows.map((r) => r.id)).toEqual(['13345.678.abc']);
    expect(rows[0]?.payload).toMatchObject({ user: { id: 'U1' } });
    expect(Object.keys(rows[0]?.payload ?? {})).not.toEqual(expect.arrayContaining(['token']));
    expect(JSON.stringify(rows[0]?.payload)).not.toContain('hooks.slack.com');
  });

  test('the same click fifty times at once: the same answer, kept once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(form(click))));
    expect(new Set(answers.map((a) => `${a.statusCode} ${a.body}`))).toEqual(new Set(['200 ']));
    expect(await kept()).toHaveLength(1);
  });

  test('a click without trigger id is known by who and when', async () => {
    const { trigger_id: _t, ...older } = click;
    expect((await post(form(older))).statusCode).toBe(200);
    expect((await kept()).map((r) => r.id)).toEqual(['U1.1790000000.1']);
  });

  test.each([
    ['another secret', () => post(form(click), { secret: 'another' })],
    [
      'a changed body',
      () =>
        post(`${form(click)}&x=1`, {
          signature: signSlackRequest({ secret: SECRET, timestamp: String(NOW_SECONDS), body: form(click) }),
        }),
    ],
    ['a replay of six minutes ago', () => post(form(click), { timestamp: String(NOW_SECONDS - 360) })],
    ['a timestamp of the future', () => post(form(click), { timestamp: String(NOW_SECONDS + 301) })],
    [
      'no signature',
      () =>
        app.inject({
          method: 'POST',
          url: '/slack/interactions',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          payload: form(click),
        }),
    ],
    ['no body', () => app.inject({ method: 'POST', url: '/slack/interactions' })],
  ])('%s is refused as problem+json and not kept', async (_what, call) => {
    const answer = await call();
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ code: 'bad-signature' });
    expect(await kept()).toHaveLength(0);
  });

  test('without a signing secret nothing is taken', async () => {
    const closed = await appWith(fresh, undefined);
    expect((await post(form(click), { secret: 'undefined' }, closed)).json()).toMatchObject({
      code: 'bad-signature',
    });
    await closed.close();
  });

  test.each([
    ['JSON instead of a form', JSON.stringify(click), 'application/json', 415, 'unsupported-media-type'],
    ['text', 'payload=x', 'text/plain', 415, 'unsupported-media-type'],
    ['a payload that is not JSON', 'payload=%7B', undefined, 400, 'invalid-request'],
    ['no payload', 'x=1', undefined, 400, 'invalid-request'],
    ['a list', form([click]), undefined, 400, 'invalid-request'],
    ['nothing to know it by', form({ type: 'block_actions' }), undefined, 400, 'invalid-request'],
    ['two megabytes', `payload=${'x'.repeat(2 << 20)}`, undefined, 413, 'too-large'],
  ])('%s', async (_what, body, type, status, code) => {
    const answer = await post(body, type === undefined ? {} : { type });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
    expect(await kept()).toHaveLength(0);
  });

  test('other routes keep their JSON and take no form', async () => {
    const json = await app.inject({ method: 'POST', url: '/elsewhere', payload: { a: 1 } });
    expect(json.json()).toEqual({ a: 1 });
    const asForm = await app.inject({
      method: 'POST',
      url: '/elsewhere',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'a=1',
    });
    expect(asForm.statusCode).toBe(415);
  });
});
