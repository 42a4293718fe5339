import { createHash } from 'node:crypto';
import { signWebhook } from '../../../adapters/webhooks/signature';
import { apiUnderTest, WEBHOOK_SECRET, type ApiUnderTest } from '../../support/api';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

let people = 0;
/** A person of their own, with every kind of key. */
async function person() {
  people += 1;
  const keys = {
    customerKey: `c-${people}`,
    email: `p${people}@exemple.test`,
    phone: `+336120000${String(people).padStart(2, '0')}`,
  };
  const { id } = (await api.call('POST', '/v1/profiles', { body: keys })).json();
  return { id: Number(id), ...keys };
}

const sha = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const consentsOf = async (id: number, query: Record<string, string> = {}) =>
  (await api.call('GET', `/v1/profiles/${id}/consents`, { as: 'viewer', query })).json();
const yes = (customerKey: string, change: object = {}) => ({
  profile: { customerKey },
  purpose: 'promotion',
  channel: 'email',
  action: 'granted',
  source: 'web-form',
  at: '2026-01-10T08:00:00Z',
  ...change,
});

describe('consents', () => {
  test('are kept with the words shown, their proof, basis and end; read back by state and history', async () => {
    const { id, customerKey } = await person();
    const wording = 'J’accepte de recevoir les offres de Maison Lumen.';
    const consent = yes(customerKey, {
      id: 'form-77',
      wording,
      locale: 'fr',
      legalBasis: 'soft-opt-in',
      expiresAt: '2027-01-10T08:00:00Z',
      evidence: { form: 'f-12', page: 3 },
    });
    expect((await api.call('POST', '/v1/consents', { body: consent })).json()).toEqual({
      accepted: 1,
      duplicates: 0,
      rejected: [],
    });
    const read = await consentsOf(id);
    expect(read.history).toEqual([
      {
        id: expect.any(Number),
        purpose: 'promotion',
        channel: 'email',
        action: 'granted',
        legalBasis: 'soft-opt-in',
        at: '2026-01-10T08:00:00.000Z',
        expiresAt: '2027-01-10T08:00:00.000Z',
        source: 'web-form',
        externalId: 'form-77',
        wordingSha256: sha(wording),
        locale: 'fr',
        evidence: { form: 'f-12', page: 3 },
        recordedBy: 'editor',
        recordedAt: expect.any(String),
      },
    ]);
    const { text, locale } = (
      await api.call('GET', `/v1/consents/wordings/${sha(wording)}`, { as: 'viewer' })
    ).json();
    expect([text, locale]).toEqual([wording, 'fr']);
    const at = async (moment: string) => (await consentsOf(id, { at: moment })).state;
    expect(await at('2026-01-10T07:59:59Z')).toEqual([]);
    expect(await at('2026-06-01T00:00:00Z')).toMatchObject([{ granted: true, holds: true }]);
    expect(await at('2027-01-10T08:00:00Z')).toMatchObject([{ granted: true, holds: false }]);
    expect(read.state).toMatchObject([{ eventId: read.history[0].id }]);
  });

  test('told twice they are one: by id whatever the words, or word for word', async () => {
    const { id, customerKey } = await person();
    const post = async (body: unknown) => (await api.call('POST', '/v1/consents', { body })).json();
    await post([yes(customerKey, { id: 'a' }), yes(customerKey, { purpose: 'survey' })]);
    expect(
      await post([
        yes(customerKey, { id: 'a', at: '2026-02-01T00:00:00Z', action: 'refused' }),
        yes(customerKey, { purpose: 'survey' }),
      ]),
    ).toEqual({ accepted: 0, duplicates: 2, rejected: [] });
    expect((await consentsOf(id)).history).toHaveLength(2);
  });

  test('a bad one is named with its place and takes no other with it', async () => {
    const { id, customerKey } = await person();
    const answer = await api.call('POST', '/v1/consents', {
      body: [
        yes(customerKey),
        yes(customerKey, { purpose: 'spam' }),
        yes('nobody'),
        yes(customerKey, { at: '2099-01-01T00:00:00Z' }),
        yes(customerKey, { wordingSha256: 'a'.repeat(64) }),
        yes(customerKey, { evidence: { note: 'Anne Durand' } }),
        yes(customerKey, { action: 'withdrawn', expiresAt: '2027-01-01T00:00:00Z' }),
        7,
        yes(customerKey, { purpose: 'newsletter' }),
      ],
    });
    expect(answer.statusCode).toBe(200);
    const { accepted, rejected } = answer.json();
    expect(accepted).toBe(2);
    expect(
      rejected.map((one: { index: number; code: string; faults: { path: string }[] }) => [
        one.index,
        one.code,
        one.faults[0]?.path,
      ]),
    ).toEqual([
      [1, 'invalid', '/1/purpose'],
      [2, 'profile-unknown', '/2/profile'],
      [3, 'in-future', '/3/at'],
      [4, 'wording-unknown', '/4/wordingSha256'],
      [5, 'invalid', '/5/evidence/note'],
      [6, 'invalid', '/6/expiresAt'],
      [7, 'invalid', '/7'],
    ]);
    expect(JSON.stringify(rejected)).not.toContain('Durand');
    expect((await consentsOf(id)).state).toMatchObject([{ purpose: 'newsletter' }, { purpose: 'promotion' }]);
    for (const body of [[], Array.from({ length: 1_001 }, () => yes(customerKey))])
      expect((await api.call('POST', '/v1/consents', { body })).statusCode).toBe(400);
    expect(
      (await api.call('POST', '/v1/consents', { as: 'viewer', body: yes(customerKey) })).statusCode,
    ).toBe(403);
    expect((await api.call('GET', '/v1/profiles/999999/consents')).statusCode).toBe(404);
  });
});

describe('the consent platform', () => {
  const tell = (events: unknown, secret = WEBHOOK_SECRET) => {
    const body = JSON.stringify({ events });
    const timestamp = String(Math.floor(Date.now() / 1_000));
    return api.call('POST', '/webhooks/consents', {
      as: 'none',
      headers: {
        'content-type': 'application/json',
        'x-boucle-timestamp': timestamp,
        'x-boucle-signature': signWebhook({ secret, timestamp, body }),
      },
      body,
    });
  };

  test('tells by any key, late and twice; who is unknown and what does not fit is said', async () => {
    const { id, email, phone } = await person();
    const base = { purpose: 'newsletter', channel: 'email' };
    const off = { ...base, id: 'e2', profile: { email }, action: 'withdrawn', at: '2026-02-02T00:00:00Z' };
    const on = {
      ...base,
      id: 'e1',
      profile: { phone },
      action: 'granted',
      at: '2026-02-01T00:00:00Z',
      wording: 'Oui',
    };
    const answer = await tell([
      off,
      { ...on, id: 'e3', profile: { email: 'x@exemple.test' } },
      { ...on, id: 'e4', at: 'yesterday' },
    ]);
    expect([answer.statusCode, answer.json()]).toMatchObject([
      200,
      { accepted: 1, duplicates: 0, unknown: ['e3'], rejected: [{ index: 2, code: 'invalid' }] },
    ]);
    expect(answer.json().rejected[0].faults[0].path).toBe('/events/2/at');
    expect((await tell([on, off])).json()).toMatchObject({ accepted: 1, duplicates: 1, unknown: [] });
    const { state, history } = await consentsOf(id);
    expect(state).toMatchObject([{ purpose: 'newsletter', granted: false, at: '2026-02-02T00:00:00.000Z' }]);
    expect(
      history.map((one: { source: string; externalId: string }) => [one.source, one.externalId]),
    ).toEqual([
      ['consent-platform', 'e2'],
      ['consent-platform', 'e1'],
    ]);
    expect(answer.body).not.toContain('exemple.test');
  });

  test('unsigned, nothing is taken', async () => {
    const { id, email } = await person();
    const event = {
      id: 'x',
      profile: { email },
      ...{ purpose: 'promotion', channel: 'email', action: 'granted' },
    };
    const answer = await tell([{ ...event, at: '2026-02-02T00:00:00Z' }], 'not-the-secret-of-the-tests');
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'bad-signature']);
    expect((await consentsOf(id)).history).toEqual([]);
  });
});

describe('an objection somebody made by telephone', () => {
  const object = (id: number, body: object, as: 'editor' | 'viewer' = 'editor') =>
    api.call('POST', `/v1/profiles/${id}/objections`, { as, body });

  test('is on record for all marketing and every channel, over a consent, once', async () => {
    const { id, customerKey } = await person();
    await api.call('POST', '/v1/consents', {
      body: [yes(customerKey), yes(customerKey, { purpose: 'service' })],
    });
    const answer = await object(id, { how: 'phone', note: 'call-4711' });
    expect([answer.statusCode, answer.json()]).toEqual([201, { events: 24, suppressed: 0 }]);
    expect((await object(id, { how: 'phone' })).json()).toEqual({ events: 0, suppressed: 0 });
    const { state, history } = await consentsOf(id);
    expect(state.filter((one: { holds: boolean }) => one.holds)).toMatchObject([{ purpose: 'service' }]);
    expect(history.at(-1)).toMatchObject({
      action: 'objected',
      source: 'objection-phone',
      evidence: { how: 'phone', note: 'call-4711' },
      recordedBy: 'editor',
    });
  });

  test('only to what is named; with the addresses suppressed where asked', async () => {
    const { id, email } = await person();
    const body = { how: 'letter', purposes: ['promotion'], channels: ['email', 'sms'] };
    expect((await object(id, { ...body, suppress: 'brand', brand: 'maison-lumen' })).json()).toEqual({
      events: 2,
      suppressed: 2,
    });
    const { items } = (
      await api.call('POST', '/v1/suppressions/lookups', { body: { addresses: [{ email }] } })
    ).json();
    expect(items).toMatchObject([
      {
        suppressions: [
          {
            scope: 'brand:maison-lumen',
            reason: 'objection',
            source: 'objection-letter',
            recordedBy: 'editor',
          },
        ],
      },
    ]);
  });

  test.each([
    ['no way', {}],
    ['a brand without its suppression', { how: 'phone', brand: 'maison-lumen' }],
    ['a suppression without its brand', { how: 'phone', suppress: 'brand' }],
    ['an unknown brand', { how: 'phone', suppress: 'brand', brand: 'nobody' }],
    ['words for a note', { how: 'phone', note: 'Madame Durand' }],
  ])('%s: 400 and nothing on record', async (_case, body) => {
    const { id } = await person();
    expect((await object(id, body)).statusCode).toBe(400);
    expect((await consentsOf(id)).history).toEqual([]);
  });

  test('takes somebody who may, and somebody it is about', async () => {
    const { id } = await person();
    expect((await object(id, { how: 'phone' }, 'viewer')).statusCode).toBe(403);
    expect((await object(987_654, { how: 'phone' })).statusCode).toBe(404);
  });
});

describe('wishes entered by staff', () => {
  const url = (id: number) => `/v1/profiles/${id}/preferences`;

  test('are set whole and read back; topics are those offered', async () => {
    const { id } = await person();
    expect((await api.call('GET', url(id), { as: 'viewer' })).json()).toEqual({
      pausedUntil: null,
      preferredChannel: null,
      refusedTopics: [],
      newsletter: null,
      sendHour: null,
      updatedAt: null,
      updatedBy: null,
    });
    const wishes = {
      pausedUntil: '2027-01-01T00:00:00.000Z',
      preferredChannel: 'sms',
      refusedTopics: ['sales'],
      newsletter: { limit: 1, days: 30 },
      sendHour: 18,
    };
    const set = await api.call('PUT', url(id), { body: wishes });
    expect([set.statusCode, set.json()]).toMatchObject([200, { ...wishes, updatedBy: 'editor' }]);
    expect((await api.call('PUT', url(id), { body: {} })).json()).toMatchObject({
      newsletter: null,
      sendHour: null,
    });
    const refused = await api.call('PUT', url(id), { body: { refusedTopics: ['nothing-of-ours'] } });
    expect([refused.statusCode, refused.json().faults[0].path]).toEqual([400, '/refusedTopics/0']);
    expect((await api.call('PUT', url(id), { body: { sendHour: 24 } })).statusCode).toBe(400);
    expect((await api.call('PUT', url(999_999), { body: {} })).statusCode).toBe(404);
  });
});
