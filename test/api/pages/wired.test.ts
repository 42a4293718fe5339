import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { load } from 'cheerio';
import { signSlackRequest } from '../../../adapters/slack/signature';
import { apiUnderTest, SIGNING_SECRET, type ApiUnderTest } from '../../support/api';
import { seedPage } from '../../support/seed-pages';

let api: ApiUnderTest;
let cookie: string;
beforeAll(async () => {
  api = await apiUnderTest();
  await seedPage(api.database.db.app, { id: 'cwired0000001', stage: 'learn', end: 'completed' });
  const signedIn = await api.app.inject({
    method: 'POST',
    url: '/campaigns/sign-in',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: `key=${api.keys.viewer}`,
  });
  cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
});
afterAll(() => api.close());

const get = (url: string) => api.app.inject({ url, headers: { cookie } });

describe('pages and Slack in the whole api', () => {
  test('are closed unless the settings say otherwise, and open with a key', async () => {
    expect((await api.app.inject('/campaigns')).statusCode).toBe(303);
    const page = await get('/campaigns/cwired0000001');
    expect(page.statusCode).toBe(200);
    expect(page.headers).toMatchObject({ 'cache-control': 'private, no-store' });
    expect(page.headers['content-security-policy']).toContain(
      "script-src 'self'; img-src 'self' data: http://boucle.test",
    );
  });

  test('a message is filled in for nobody in particular; one that cannot be is shown as written', async () => {
    const sql = api.database.db.app;
    const message =
      '<p>Bonjour {{ person.firstName | default: "à vous" }}</p><a href="{{ links[0] }}">Voir</a>';
    const [good, bad] = await sql<{ id: number }[]>`
      update creatives set html = ${message} where campaign_id = 'cwired0000001' and persona = 'nouveaux-curieux' returning id`;
    await sql`update creatives set html = '<p>{{ unknown.thing }}</p>' where id = ${bad?.id ?? 0}`;
    const $ = load((await get(`/campaigns/cwired0000001/creatives/${good?.id ?? 0}/message`)).body);
    expect([$('p').text(), $('a').attr('href')]).toEqual([
      'Bonjour à vous',
      'https://example.test/printemps',
    ]);
    const raw = await get(`/campaigns/cwired0000001/creatives/${bad?.id ?? 0}/message`);
    expect([raw.statusCode, raw.headers['x-frame-options']]).toEqual([200, 'SAMEORIGIN']);
    expect(raw.body).toContain('{{ unknown.thing }}');
  });

  test('a signed click is kept', async () => {
    const payload = new URLSearchParams({
      payload: JSON.stringify({ type: 'block_actions', trigger_id: 'w.1' }),
    }).toString();
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const answer = await api.app.inject({
      method: 'POST',
      url: '/slack/interactions',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': signSlackRequest({ secret: SIGNING_SECRET, timestamp, body: payload }),
      },
      payload,
    });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
    expect(await api.database.db.app`select id from slack_inbox`).toHaveLength(1);
  });

  test('neither is part of the documented API', async () => {
    const { paths } = (await api.app.inject('/openapi.json')).json<{ paths: Record<string, unknown> }>();
    expect(
      Object.keys(paths).filter((path) => path.startsWith('/campaigns') || path.startsWith('/slack')),
    ).toEqual([]);
  });
});
