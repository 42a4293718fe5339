import { createHmac } from 'node:crypto';
import { signWebhook } from '../../../adapters/webhooks/signature';
import { fingerprint } from '../../../store/fingerprint';
import { apiUnderTest, WEBHOOK_SECRET, type ApiUnderTest } from '../../support/api';
import { seedCampaign } from '../../support/seed-campaign';

const PEPPER = 'a-pepper-for-tests-only';
const CAMPAIGN = 'cchannels';
const UNKNOWN = 987_654;

let api: ApiUnderTest;
let people: readonly number[] = [];
const phone = (n: number): string => `+3361234500${n}`;
beforeAll(async () => {
  api = await apiUnderTest();
  people = (await seedCampaign(api.database.db, { campaignId: CAMPAIGN, people: 4 })).profileIds;
  for (const [n, id] of people.entries()) {
    const fp = fingerprint(PEPPER, 'phone', phone(n));
    await api.database.db.app`update profiles set phone_fp = ${fp} where id = ${id}`;
    await api.database.db
      .app`insert into profile_keys (kind, hash, profile_id) values ('phone', ${fp}, ${id})`;
  }
});
afterAll(() => api.close());
beforeEach(async () => {
  const { app } = api.database.db;
  for (const table of ['suppressions', 'events', 'deliveries', 'contacts', 'consent_events', 'consent_state'])
    await app`delete from ${app(table)}`;
});

/** A row of the first, second… person in this state. */
async function delivery(
  n: number,
  state: string,
  more: { channel?: string; providerId?: string } = {},
): Promise<number> {
  const [row] = await api.database.db.app<{ id: number }[]>`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, provider_id, settled_at)
    values (${CAMPAIGN}, 'first', ${people[n] ?? 0}, 'test', 'a', 'habitues', ${more.channel ?? 'sms'}, ${state},
      ${more.providerId ?? null}, now()) returning id`;
  return row?.id ?? 0;
}
const events = async () => [
  ...(await api.database.db.app<
    { type: string; delivery_id: number | null; properties: Record<string, unknown> }[]
  >`
    select type, delivery_id, properties from events order by at, id`),
];
const states = async () =>
  (
    await api.database.db.app<
      { state: string; code: string | null }[]
    >`select state, code from deliveries order by id`
  ).map(({ state, code }) => (code === null ? state : `${state} ${code}`));
const suppressed = async (): Promise<number[]> => {
  const rows = await api.database.db.app<{ profile_id: number }[]>`
    select p.id as profile_id from suppressions s join profiles p on p.phone_fp = s.fingerprint where s.reason = 'hard-bounce'`;
  return rows.map((row) => row.profile_id);
};

function signed(url: string, body: unknown, secret = WEBHOOK_SECRET) {
  const text = JSON.stringify(body);
  const timestamp = String(Math.floor(Date.now() / 1_000));
  return api.call('POST', url, {
    as: 'none',
    headers: {
      'content-type': 'application/json',
      'x-boucle-timestamp': timestamp,
      'x-boucle-signature': signWebhook({ secret, timestamp, body: text }),
    },
    body: text,
  });
}

/** As Twilio calls: a form, signed over the public address with its query. */
function twilio(path: string, fields: Record<string, string>, token = WEBHOOK_SECRET) {
  const data = `http://boucle.test${path}${Object.keys(fields)
    .sort()
    .map((k) => k + (fields[k] ?? ''))
    .join('')}`;
  return api.call('POST', path, {
    as: 'none',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': createHmac('sha1', token).update(data).digest('base64'),
    },
    body: new URLSearchParams(fields).toString(),
  });
}
const SID = `SM${'0'.repeat(31)}`;
const status = (deliveryId: number, MessageStatus: string, more: Record<string, string> = {}) =>
  twilio(`/webhooks/sms/twilio/status?delivery=${deliveryId}`, {
    MessageSid: `${SID}1`,
    MessageStatus,
    AccountSid: 'AC',
    ...more,
  });
const inbound = (From: string, Body: string, more: Record<string, string> = {}) =>
  twilio('/webhooks/sms/twilio/inbound', { MessageSid: `${SID}9`, From, To: '+33757000000', Body, ...more });

describe('reports about SMS', () => {
  const report = (type: string, deliveryId: number, more: object = {}) => ({
    type,
    deliveryId,
    at: '2026-03-01T10:00:00Z',
    id: `r-${type}-${deliveryId}`,
    ...more,
  });

  test('count once each, in whatever order, and bury a number nobody has', async () => {
    const [a, b] = [await delivery(0, 'accepted'), await delivery(1, 'accepted')];
    const first = await signed('/webhooks/sms', {
      events: [
        report('delivered', a),
        report('delivered', a),
        report('undelivered', b, { code: 'unknown-number' }),
        report('failed', UNKNOWN),
      ],
    });
    expect([first.statusCode, first.json()]).toEqual([
      200,
      { accepted: 2, duplicates: 1, unknown: [UNKNOWN], answers: [] },
    ]);
    const again = await signed('/webhooks/sms', {
      events: [report('undelivered', b, { code: 'unknown-number' })],
    });
    expect(again.json()).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await events()).toMatchObject([
      { type: 'message.delivered', delivery_id: a },
      {
        type: 'message.bounced',
        delivery_id: b,
        properties: { bounce: 'hard', code: 'unknown-number', channel: 'sms', step: 'first', arm: 'a' },
      },
    ]);
    expect(await suppressed()).toEqual([people[1]]);
    expect(await states()).toEqual(['accepted', 'accepted']);
  });

  test('settle what nobody knew the fate of', async () => {
    const ids = [
      await delivery(0, 'uncertain'),
      await delivery(1, 'uncertain'),
      await delivery(2, 'uncertain'),
    ];
    await signed('/webhooks/sms', {
      events: [report('delivered', ids[0] ?? 0), report('failed', ids[1] ?? 0, { code: 'barred' })],
    });
    expect(await states()).toEqual(['accepted', 'failed barred', 'uncertain']);
    expect(await suppressed()).toEqual([]);
  });

  test('say nothing of what was never handed over, or went by another channel', async () => {
    const ids = [
      await delivery(0, 'skipped'),
      await delivery(1, 'claimed'),
      await delivery(2, 'accepted', { channel: 'email' }),
    ];
    const answer = await signed('/webhooks/sms', { events: ids.map((id) => report('delivered', id)) });
    expect(answer.json()).toMatchObject({ accepted: 0, unknown: ids });
    expect(await events()).toEqual([]);
  });

  test.each([
    ['another secret', () => signed('/webhooks/sms', { events: [] }, 'not-the-secret-of-tests'), 401],
    ['a body that does not fit', () => signed('/webhooks/sms', { events: [report('opened', 1)] }), 400],
    ['Twilio’s form unsigned', () => twilio('/webhooks/sms/twilio/inbound', {}, 'not-the-token'), 401],
  ])('%s is refused', async (_case, call, code) => expect((await call()).statusCode).toBe(code));
});

describe('Twilio', () => {
  test('status callbacks: what it has taken settles an uncertain row, what became of it is an event', async () => {
    const id = await delivery(0, 'uncertain');
    expect((await status(id, 'queued')).statusCode).toBe(204);
    expect([await states(), await events()]).toEqual([['accepted'], []]);
    await status(id, 'sent');
    await status(id, 'delivered');
    await status(id, 'delivered');
    expect(await events()).toMatchObject([{ type: 'message.delivered', delivery_id: id }]);
  });

  test('undelivered with its code: a landline is not written to again, a phone that is off is', async () => {
    const [a, b] = [await delivery(0, 'accepted'), await delivery(1, 'accepted')];
    await status(a, 'undelivered', { ErrorCode: '30006' });
    await status(b, 'undelivered', { ErrorCode: '30003' });
    expect((await events()).map(({ properties }) => [properties['code'], properties['bounce']])).toEqual([
      ['unknown-number', 'hard'],
      ['twilio-30003', 'soft'],
    ]);
    expect(await suppressed()).toEqual([people[0]]);
  });

  test('a callback of another message, or for another delivery than it was signed for, changes nothing', async () => {
    const mine = await delivery(0, 'accepted', { providerId: `${SID}2` });
    await status(mine, 'delivered');
    const other = await delivery(1, 'accepted');
    const moved = await api.call('POST', `/webhooks/sms/twilio/status?delivery=${other}`, {
      as: 'none',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': createHmac('sha1', WEBHOOK_SECRET)
          .update(
            `http://boucle.test/webhooks/sms/twilio/status?delivery=${mine}MessageSid${SID}1MessageStatusdelivered`,
          )
          .digest('base64'),
      },
      body: new URLSearchParams({ MessageSid: `${SID}1`, MessageStatus: 'delivered' }).toString(),
    });
    expect(moved.statusCode).toBe(401);
    expect(await events()).toEqual([]);
  });
});

describe('what people answer', () => {
  const consents = async () => [
    ...(await api.database.db.app`
      select profile_id, purpose, channel from consent_state where granted order by profile_id, purpose, channel`),
  ];
  const agree = (n: number, purpose: string, channel: string) => api.database.db.app`
    insert into consent_state (profile_id, purpose, channel, granted, event_id, at)
    values (${people[n] ?? 0}, ${purpose}, ${channel}, true, 1, now() - interval '1 day')`;

  test.each(['STOP', ' stop 36111 ', 'Arrêt', 'unsubscribe'])(
    '%s ends every marketing consent for SMS of that number, of nothing and nobody else',
    async (text) => {
      for (const purpose of ['promotion', 'newsletter', 'survey']) await agree(0, purpose, 'sms');
      await agree(0, 'service', 'sms');
      await agree(0, 'promotion', 'email');
      await agree(1, 'promotion', 'sms');
      const id = await delivery(0, 'accepted');
      const answer = await inbound('0612345000', text);
      expect([answer.statusCode, answer.headers['content-type'], answer.body]).toEqual([
        200,
        'text/xml; charset=utf-8',
        '<?xml version="1.0" encoding="UTF-8"?>\n<Response></Response>',
      ]);
      expect(await consents()).toEqual([
        { profile_id: people[0], purpose: 'promotion', channel: 'email' },
        { profile_id: people[0], purpose: 'service', channel: 'sms' },
        { profile_id: people[1], purpose: 'promotion', channel: 'sms' },
      ]);
      await inbound('+33612345000', text);
      expect(await events()).toMatchObject([
        {
          type: 'message.unsubscribed',
          delivery_id: id,
          properties: { via: 'sms', step: 'first', arm: 'a' },
        },
      ]);
      const proofs = await api.database.db
        .app`select action, source, evidence from consent_events where profile_id = ${people[0] ?? 0}`;
      expect([...proofs]).toHaveLength(3);
      expect(proofs[0]).toMatchObject({
        action: 'withdrawn',
        source: 'sms-stop',
        evidence: { deliveryId: id },
      });
    },
  );

  test('a STOP Twilio understood in another language is one; it has answered it itself', async () => {
    await agree(0, 'promotion', 'sms');
    await delivery(0, 'accepted');
    await inbound(phone(0), 'Detener', { OptOutType: 'STOP' });
    expect(await consents()).toEqual([]);
    expect((await inbound(phone(0), 'AYUDA', { OptOutType: 'HELP' })).body).toContain(
      '<Response></Response>',
    );
  });

  test('who asks is told who writes; other words are an event without the words', async () => {
    const id = await delivery(0, 'accepted');
    await agree(0, 'promotion', 'sms');
    expect((await inbound(phone(0), 'contact')).body).toContain('<Message>Maison Lumen, 18 rue');
    await inbound(phone(0), 'Merci, ma fille Zoé adore', { MessageSid: `${SID}8` });
    expect((await events()).map(({ type, properties }) => [type, properties['word']])).toEqual([
      ['message.replied', 'contact'],
      ['message.replied', 'other'],
    ]);
    expect((await events())[0]?.delivery_id).toBe(id);
    expect(JSON.stringify(await events())).not.toMatch(/Zo|Merci/);
    expect(await consents()).toHaveLength(1);
  });

  test('a number of nobody is answered the same, and nothing is kept of it', async () => {
    for (const from of ['+33699999999', 'MAISON', '36111'])
      expect((await inbound(from, 'STOP')).body).toContain('<Response></Response>');
    expect(await events()).toEqual([]);
  });

  test('by the generic provider: answers are in the answer', async () => {
    await delivery(0, 'accepted');
    const answer = await signed('/webhooks/sms', {
      events: [
        { type: 'reply', from: phone(0), text: 'AIDE', at: '2026-03-01T10:00:00Z', id: 'in-1' },
        { type: 'reply', from: phone(0), text: 'stop', at: '2026-03-01T10:01:00Z', id: 'in-2' },
      ],
    });
    expect(answer.json()).toEqual({
      accepted: 0,
      duplicates: 0,
      unknown: [],
      answers: [{ id: 'in-1', text: 'Maison Lumen. Répondez STOP pour ne plus recevoir nos SMS.' }],
    });
    expect((await events()).map(({ type }) => type)).toEqual(['message.replied', 'message.unsubscribed']);
  });
});

describe('proofs of letters', () => {
  const proof = (type: string, deliveryId: number, more: object = {}) => ({
    type,
    deliveryId,
    at: '2026-03-01T10:00:00Z',
    id: `p-${type}`,
    ...more,
  });

  test('each once, with the carrier’s reference, whatever the order; a letter is seen in many places', async () => {
    const id = await delivery(0, 'accepted', { channel: 'letter' });
    const answer = await signed('/webhooks/letters', {
      events: [
        proof('delivered', id, { proof: '1A 123'.replace(' ', '-'), at: '2026-03-04T10:00:00Z' }),
        proof('deposited', id),
        proof('in-transit', id, { at: '2026-03-02T10:00:00Z' }),
        proof('in-transit', id, { id: 'p-again', at: '2026-03-03T10:00:00Z' }),
        proof('deposited', id, { id: 'p-other' }),
      ],
    });
    expect(answer.json()).toEqual({ accepted: 4, duplicates: 1, unknown: [] });
    expect((await events()).map(({ type, properties }) => [type, properties['proof'] ?? null])).toEqual([
      ['message.letter-deposited', null],
      ['message.letter-in-transit', null],
      ['message.letter-in-transit', null],
      ['message.letter-delivered', '1A-123'],
    ]);
  });

  test('a refused e-letter is an event of a message that was sent all the same; any proof settles an uncertain row', async () => {
    const [a, b] = [
      await delivery(0, 'accepted', { channel: 'e-letter' }),
      await delivery(1, 'uncertain', { channel: 'e-letter' }),
    ];
    await signed('/webhooks/letters', {
      events: [proof('refused', a), proof('deposited', b), proof('returned', UNKNOWN)],
    });
    expect(await states()).toEqual(['accepted', 'accepted']);
    expect((await events()).map(({ type }) => type).sort()).toEqual([
      'message.letter-deposited',
      'message.letter-refused',
    ]);
    expect((await api.database.db.app`select 1 from suppressions`).length).toBe(0);
  });

  test.each([
    ['another secret', { events: [] }, 'not-the-secret-of-tests', 401],
    ['no such proof', { events: [proof('opened', 1)] }, WEBHOOK_SECRET, 400],
  ])('%s is refused', async (_case, body, secret, code) =>
    expect((await signed('/webhooks/letters', body, secret)).statusCode).toBe(code),
  );
});

describe('devices', () => {
  const TOKEN = 'fcm-token-of-some-device';
  test('are registered by whichever key names the person, move with who signs in, and are forgotten', async () => {
    const body = { profile: { phone: phone(0) }, token: TOKEN, platform: 'android', locale: 'fr' };
    const made = await api.call('POST', '/v1/devices', { body });
    expect([made.statusCode, made.json()]).toMatchObject([200, { profileId: people[0] }]);
    expect(made.body).not.toContain(TOKEN);
    const { id } = made.json<{ id: string }>();
    const moved = await api.call('POST', '/v1/devices', { body: { ...body, profile: { id: people[1] } } });
    expect(moved.json()).toEqual({ id, profileId: people[1] });
    const [audited] = await api.database.db.app<{ target: string; details: object }[]>`
      select target, details from audit_log where action = 'POST /v1/devices' limit 1`;
    expect(audited?.target).toBe(id);
    expect(JSON.stringify(audited)).not.toContain(TOKEN);
    expect((await api.call('DELETE', `/v1/devices/${id}`)).statusCode).toBe(204);
    expect((await api.call('DELETE', `/v1/devices/${id}`)).statusCode).toBe(404);
  });

  test.each<[string, object, number]>([
    ['nobody by that name', { profile: { customerKey: 'nobody' } }, 404],
    ['a platform there is not', { platform: 'minitel' }, 400],
    ['no token', { token: '' }, 400],
  ])('%s', async (_case, change, code) => {
    const body = { profile: { id: people[0] }, token: TOKEN, platform: 'ios', ...change };
    expect((await api.call('POST', '/v1/devices', { body })).statusCode).toBe(code);
  });
});
