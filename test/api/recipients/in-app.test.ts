import { createInAppSessions } from '../../../adapters/links/in-app-session';
import { IN_APP_SCRIPT } from '../../../api/pages/in-app-script';
import type { OutgoingInApp } from '../../../domain/delivery/ports';
import { createConsentStore } from '../../../store/consent-store';
import { createInAppStore } from '../../../store/in-app-store';
import { apiUnderTest, LINK_SECRET, type ApiUnderTest } from '../../support/api';
import { consent } from '../../support/gate';
import { seedCampaign, type SeededCampaign } from '../../support/seed-campaign';

let api: ApiUnderTest;
let seeded: SeededCampaign;
beforeEach(async () => {
  api = await apiUnderTest();
  seeded = await seedCampaign(api.database.db, { campaignId: 'cinapp000001', people: 2 });
  for (const id of seeded.profileIds) await consent(api.database.db, id, 'promotion', 'in-app');
});
afterEach(() => api.close());

const [FIRST, SECOND] = [0, 1] as const;
const profileOf = (index: number): number => seeded.profileIds[index] ?? 0;

/** A delivery of the ledger whose creative has neutral words, published for its person. */
async function published(
  index: number,
  change: Partial<OutgoingInApp> = {},
  step = 'first',
): Promise<number> {
  const { app } = api.database.db;
  const profileId = profileOf(index);
  const [creative] = seeded.creatives;
  await app`
    update creatives set meta = jsonb_build_object('transparent', jsonb_build_object('title', 'Nos lampes', 'body', 'Pour tous.'))
    where id = ${creative?.creativeId ?? 0}`;
  const [proof] = await app<{ event_id: number }[]>`
    select event_id from consent_state where profile_id = ${profileId} and purpose = 'promotion' and channel = 'in-app'`;
  const [delivery] = await app<{ id: number }[]>`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, creative_id, state, consent_event_id)
    values (${seeded.campaignId}, ${step}, ${profileId}, 'test', 'a', 'habitues', 'in-app', ${creative?.creativeId ?? 0},
      'accepted', ${proof?.event_id ?? null}) returning id`;
  const deliveryId = delivery?.id ?? 0;
  await createInAppStore(api.database.db).publish({
    deliveryId,
    profileId,
    campaignId: seeded.campaignId,
    brand: 'maison-lumen',
    placement: 'accueil',
    contexts: [],
    title: 'Camille, vos lampes',
    body: 'Choisies pour vous.',
    ctaLabel: 'Voir',
    ctaUrl: 'https://example.test/voir',
    locale: 'fr',
    transparent: false,
    expiresAt: null,
    ...change,
  });
  return deliveryId;
}

const agreeToProfiling = (index: number) =>
  createConsentStore(api.database.db.app).append([
    {
      profileId: profileOf(index),
      purpose: 'profiling',
      channel: 'in-app',
      action: 'granted',
      at: new Date(Date.now() - 60_000).toISOString(),
      source: 'test',
      recordedBy: 'test',
    },
  ]);

async function session(index: number, brand = 'maison-lumen'): Promise<string> {
  const opened = await api.call('POST', '/v1/in-app/sessions', {
    body: { profile: { id: profileOf(index) }, brand },
  });
  expect(opened.statusCode).toBe(200);
  return opened.json().token;
}
const ask = async (token: string, query: Record<string, string> = {}) => {
  const answer = await api.call('GET', '/in-app/messages', {
    as: 'none',
    headers: { authorization: `Bearer ${token}` },
    query: { placement: 'accueil', ...query },
  });
  expect(answer.statusCode).toBe(200);
  return answer.json().message;
};
const tell = (token: string, id: number, what: string) =>
  api.call('POST', `/in-app/messages/${id}/${what}`, {
    as: 'none',
    headers: { authorization: `Bearer ${token}` },
  });

test('one message a placement, the one that waits longest, to whoever it is for and nobody else', async () => {
  await agreeToProfiling(FIRST);
  const older = await published(FIRST);
  await published(FIRST, {}, 'relance');
  const token = await session(FIRST);
  expect(await ask(token)).toEqual({
    id: older,
    placement: 'accueil',
    title: 'Camille, vos lampes',
    body: 'Choisies pour vous.',
    ctaLabel: 'Voir',
    ctaUrl: 'https://example.test/voir',
    locale: 'fr',
    transparent: false,
  });
  expect(await ask(token, { placement: 'panier' })).toBeNull();
  expect(await ask(await session(SECOND))).toBeNull();
  expect(await ask(await session(FIRST, 'minethatdata-demo'))).toBeNull();
});

test('who did not agree to being profiled, or no longer does, reads the neutral words', async () => {
  await published(FIRST);
  const token = await session(FIRST);
  const neutral = { title: 'Nos lampes', body: 'Pour tous.', transparent: true };
  expect(await ask(token)).toMatchObject(neutral);
  await agreeToProfiling(FIRST);
  expect(await ask(token)).toMatchObject({ title: 'Camille, vos lampes', transparent: false });
  await createConsentStore(api.database.db.app).withdraw({
    profileId: profileOf(FIRST),
    purpose: 'profiling',
    channel: 'in-app',
    source: 'test',
    recordedBy: 'test',
  });
  expect(await ask(token)).toMatchObject(neutral);
});

test('only in the sessions it is for, not after its end, and not once its consent is withdrawn', async () => {
  await published(FIRST, { contexts: ['compte', 'panier'] });
  const token = await session(FIRST);
  expect(await ask(token)).toBeNull();
  expect(await ask(token, { context: 'blog' })).toBeNull();
  expect(await ask(token, { context: 'panier' })).not.toBeNull();
  const over = await published(SECOND, { expiresAt: new Date(Date.now() - 1_000) });
  expect(over).toBeGreaterThan(0);
  expect(await ask(await session(SECOND))).toBeNull();
  await createConsentStore(api.database.db.app).withdraw({
    profileId: profileOf(FIRST),
    purpose: 'promotion',
    channel: 'in-app',
    source: 'test',
    recordedBy: 'test',
  });
  expect(await ask(token, { context: 'panier' })).toBeNull();
});

test('not once its campaign is aborted', async () => {
  await published(FIRST, { transparent: true });
  const token = await session(FIRST);
  const hold = (value: string) =>
    api.database.db.app`update campaigns set hold = ${value} where id = ${seeded.campaignId}`;
  await hold('paused');
  expect(await ask(token)).not.toBeNull();
  await hold('aborted');
  expect(await ask(token)).toBeNull();
});

test('who may refuse it without ever having agreed does not see it any more once they do', async () => {
  const { app } = api.database.db;
  await app`
    update campaigns set scenario = scenario || '{"steps": [{"key": "relance", "nature": "service"}]}'
    where id = ${seeded.campaignId}`;
  await published(FIRST, { transparent: true }, 'relance');
  const token = await session(FIRST);
  await consent(api.database.db, profileOf(FIRST), 'promotion', 'in-app', false);
  expect(await ask(token)).not.toBeNull();
  await consent(api.database.db, profileOf(FIRST), 'service', 'in-app', false);
  expect(await ask(token)).toBeNull();
});

test('who waves one message away sees no other for a day', async () => {
  const dismissed = await published(FIRST);
  const waiting = await published(FIRST, { placement: 'panier' }, 'relance');
  const token = await session(FIRST);
  expect(await ask(token, { placement: 'panier' })).not.toBeNull();
  expect((await tell(token, dismissed, 'dismissed')).statusCode).toBe(204);
  expect(await ask(token)).toBeNull();
  expect(await ask(token, { placement: 'panier' })).toBeNull();
  const dayAgo = (seconds: number) => api.database.db.identity`
    update identity.in_app_messages set dismissed_at = now() - interval '24 hours' + make_interval(secs => ${seconds})
    where delivery_id = ${dismissed}`;
  await dayAgo(30);
  expect(await ask(token, { placement: 'panier' })).toBeNull();
  await dayAgo(-1);
  expect(await ask(token, { placement: 'panier' })).toMatchObject({ id: waiting });
  expect(await ask(token)).toBeNull();
});

test('what happened is an event, told once however often it is said, by its own session alone', async () => {
  const id = await published(FIRST);
  const token = await session(FIRST);
  for (const what of ['shown', 'shown', 'clicked', 'clicked', 'shown'])
    expect((await tell(token, id, what)).statusCode).toBe(204);
  expect((await tell(await session(SECOND), id, 'clicked')).statusCode).toBe(404);
  expect((await tell(token, id, 'eaten')).statusCode).toBe(404);
  const events = await api.database.db.app<{ type: string; profile_id: number; properties: object }[]>`
    select type, profile_id, properties from events where delivery_id = ${id} order by type`;
  expect(events).toEqual([
    {
      type: 'message.clicked',
      profile_id: profileOf(FIRST),
      properties: { arm: 'a', step: 'first', channel: 'in-app' },
    },
    {
      type: 'message.shown',
      profile_id: profileOf(FIRST),
      properties: { arm: 'a', step: 'first', channel: 'in-app' },
    },
  ]);
  expect(await ask(token)).toBeNull();
});

test('published again, a message is one and keeps what was seen of it', async () => {
  const id = await published(FIRST);
  const token = await session(FIRST);
  await tell(token, id, 'clicked');
  await createInAppStore(api.database.db).publish({
    deliveryId: id,
    profileId: profileOf(FIRST),
    campaignId: seeded.campaignId,
    brand: 'maison-lumen',
    placement: 'accueil',
    contexts: [],
    title: 'x',
    body: 'x',
    ctaLabel: 'x',
    ctaUrl: 'https://example.test',
    locale: 'fr',
    transparent: false,
    expiresAt: null,
  });
  expect(await ask(token)).toBeNull();
});

test('a session is short, signed, and opened by the application’s server alone', async () => {
  const body = { profile: { id: profileOf(FIRST) }, brand: 'maison-lumen' };
  expect((await api.call('POST', '/v1/in-app/sessions', { as: 'viewer', body })).statusCode).toBe(403);
  const nobody = await api.call('POST', '/v1/in-app/sessions', {
    body: { ...body, profile: { id: 999_999 } },
  });
  expect([nobody.statusCode, nobody.json().faults[0].path]).toEqual([404, '/profile']);

  const sessions = createInAppSessions(LINK_SECRET);
  const who = { profileId: profileOf(FIRST), brand: 'maison-lumen' };
  const end = new Date('2026-11-22T12:00:00Z');
  const token = sessions.seal(who, end);
  expect(sessions.open(token, new Date(end.getTime() - 1))).toEqual(who);
  expect(sessions.open(token, end)).toBeNull();
  expect(createInAppSessions('another secret').open(token, new Date(0))).toBeNull();
  for (let at = 0; at < token.length; at += 1) {
    const other = token[at] === 'A' ? 'B' : 'A';
    const changed = sessions.open(`${token.slice(0, at)}${other}${token.slice(at + 1)}`, new Date(0));
    // The last characters of base64 may carry bits that mean nothing.
    if (changed !== null) expect(at).toBe(token.length - 1);
  }
  for (const refused of [token, 'x', ''])
    expect((await tell(refused, 1, 'shown')).json()).toMatchObject({ status: 401, code: 'unauthenticated' });
});

test('any site may ask with its token, and the script is small and puts in words, never markup', async () => {
  const asked = await api.call('OPTIONS', '/in-app/messages', { as: 'none' });
  expect(asked.statusCode).toBe(204);
  expect(asked.headers).toMatchObject({
    'access-control-allow-origin': '*',
    'access-control-allow-headers': 'authorization',
  });
  const refused = await api.call('GET', '/in-app/messages', { as: 'none', query: { placement: 'accueil' } });
  expect([refused.statusCode, refused.headers['access-control-allow-origin']]).toEqual([401, '*']);
  const script = await api.call('GET', '/in-app.js', { as: 'none' });
  expect(script.headers['content-type']).toContain('text/javascript');
  expect(Buffer.byteLength(IN_APP_SCRIPT)).toBeLessThan(3_000);
  expect(script.body).not.toMatch(/innerHTML|insertAdjacentHTML|document\.write|eval\(/);
});
