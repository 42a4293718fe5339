import { carriersUnderTest, phoneOf, type Carriers } from '../../support/carriers';

let carriers: Carriers;
beforeAll(async () => {
  carriers = await carriersUnderTest();
});
afterAll(() => carriers.api.close());
beforeEach(() => carriers.forget());

const app = () => carriers.api.database.db.app;
const UNKNOWN = 987_654;
const SID = `SM${'0'.repeat(31)}`;
const status = (deliveryId: number, MessageStatus: string, more: Record<string, string> = {}) =>
  carriers.twilio(`/webhooks/sms/twilio/status?delivery=${deliveryId}`, {
    MessageSid: `${SID.slice(0, -3)}${String(deliveryId).padStart(3, '0').slice(-3)}1`,
    MessageStatus,
    AccountSid: 'AC',
    ...more,
  });
const inbound = (From: string, Body: string, more: Record<string, string> = {}) =>
  carriers.twilio('/webhooks/sms/twilio/inbound', {
    MessageSid: `${SID}9`,
    From,
    To: '+33757000000',
    Body,
    ...more,
  });

const suppressed = async (): Promise<number[]> => {
  const rows = await app()<{ profile_id: number }[]>`
    select p.id as profile_id from suppressions s join profiles p on p.phone_fp = s.fingerprint where s.reason = 'hard-bounce'`;
  return rows.map((row) => row.profile_id);
};

describe('reports about SMS', () => {
  const report = (type: string, deliveryId: number, more: object = {}) => ({
    type,
    deliveryId,
    at: '2026-03-01T10:00:00Z',
    id: `r-${type}-${deliveryId}`,
    ...more,
  });

  test('count once each, in whatever order, and bury a number nobody has', async () => {
    const [a, b] = [await carriers.delivery(0, 'accepted'), await carriers.delivery(1, 'accepted')];
    const first = await carriers.signed('/webhooks/sms', {
      events: [
        report('delivered', a),
        report('delivered', a),
        report('undelivered', b, { code: 'unknown-number' }),
        report('failed', UNKNOWN),
      ],
    });
    expect([first.statusCode, first.json()]).toEqual([
      200,
      { accepted: 2, duplicates: 1, unknown: [UNKNOWN], contradicting: [], answers: [] },
    ]);
    const again = await carriers.signed('/webhooks/sms', {
      events: [report('undelivered', b, { code: 'unknown-number' })],
    });
    expect(again.json()).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await carriers.events()).toMatchObject([
      { type: 'message.delivered', delivery_id: a },
      {
        type: 'message.bounced',
        delivery_id: b,
        properties: { bounce: 'hard', code: 'unknown-number', channel: 'sms', step: 'first', arm: 'a' },
      },
    ]);
    expect(await suppressed()).toEqual([carriers.people[1]]);
    expect(await carriers.states()).toEqual(['accepted', 'accepted']);
  });

  test('settle what nobody knew the fate of', async () => {
    const ids = [
      await carriers.delivery(0, 'uncertain'),
      await carriers.delivery(1, 'uncertain'),
      await carriers.delivery(2, 'uncertain'),
    ];
    await carriers.signed('/webhooks/sms', {
      events: [report('delivered', ids[0] ?? 0), report('failed', ids[1] ?? 0, { code: 'barred' })],
    });
    expect(await carriers.states()).toEqual(['accepted', 'failed barred', 'uncertain']);
    expect(await suppressed()).toEqual([]);
  });

  test('say nothing of what was never handed over, or went by another channel', async () => {
    const ids = [
      await carriers.delivery(0, 'skipped'),
      await carriers.delivery(1, 'claimed'),
      await carriers.delivery(2, 'accepted', { channel: 'email' }),
    ];
    const answer = await carriers.signed('/webhooks/sms', {
      events: ids.map((id) => report('delivered', id)),
    });
    expect(answer.json()).toMatchObject({ accepted: 0, unknown: ids });
    expect(await carriers.events()).toEqual([]);
  });

  test.each([
    [
      'another secret',
      () => carriers.signed('/webhooks/sms', { events: [] }, 'not-the-secret-of-tests'),
      401,
    ],
    [
      'a body that does not fit',
      () => carriers.signed('/webhooks/sms', { events: [report('opened', 1)] }),
      400,
    ],
    [
      'Twilio’s form unsigned',
      () => carriers.twilio('/webhooks/sms/twilio/inbound', {}, { token: 'not-the-token' }),
      401,
    ],
  ])('%s is refused', async (_case, call, code) => expect((await call()).statusCode).toBe(code));
});

describe('Twilio', () => {
  test('status callbacks: what it has taken settles an uncertain row, what became of it is an event', async () => {
    const id = await carriers.delivery(0, 'uncertain');
    expect((await status(id, 'queued')).statusCode).toBe(204);
    expect([await carriers.states(), await carriers.events()]).toEqual([['accepted'], []]);
    await status(id, 'sent');
    await status(id, 'delivered');
    await status(id, 'delivered');
    expect(await carriers.events()).toMatchObject([{ type: 'message.delivered', delivery_id: id }]);
  });

  test('undelivered with its code: a landline is not written to again, a phone that is off is', async () => {
    const [a, b] = [await carriers.delivery(0, 'accepted'), await carriers.delivery(1, 'accepted')];
    await status(a, 'undelivered', { ErrorCode: '30006' });
    await status(b, 'undelivered', { ErrorCode: '30003', MessageSid: `${SID}2` });
    expect(
      (await carriers.events()).map(({ properties }) => [properties['code'], properties['bounce']]),
    ).toEqual([
      ['unknown-number', 'hard'],
      ['twilio-30003', 'soft'],
    ]);
    expect(await suppressed()).toEqual([carriers.people[0]]);
  });

  test('a callback of another message, or for another delivery than it was signed for, changes nothing', async () => {
    const mine = await carriers.delivery(0, 'accepted', { providerId: `${SID}2` });
    await status(mine, 'delivered');
    const other = await carriers.delivery(1, 'accepted');
    const moved = await carriers.twilio(
      `/webhooks/sms/twilio/status?delivery=${other}`,
      { MessageSid: `${SID}1`, MessageStatus: 'delivered' },
      { signedPath: `/webhooks/sms/twilio/status?delivery=${mine}` },
    );
    expect(moved.statusCode).toBe(401);
    expect(await carriers.events()).toEqual([]);
  });
});

describe('what people answer', () => {
  const consents = async () => [
    ...(await app()`
      select profile_id, purpose, channel from consent_state where granted order by profile_id, purpose, channel`),
  ];
  const agree = (n: number, purpose: string, channel: string) => app()`
    insert into consent_state (profile_id, purpose, channel, granted, event_id, at)
    values (${carriers.people[n] ?? 0}, ${purpose}, ${channel}, true, 1, now() - interval '1 day')`;

  test.each(['STOP', ' stop 36111 ', 'Arrêt', 'unsubscribe'])(
    '%s ends every marketing consent for SMS of that number, of nothing and nobody else',
    async (text) => {
      for (const purpose of ['promotion', 'newsletter', 'survey']) await agree(0, purpose, 'sms');
      await agree(0, 'service', 'sms');
      await agree(0, 'promotion', 'email');
      await agree(1, 'promotion', 'sms');
      const id = await carriers.delivery(0, 'accepted');
      const answer = await inbound('0612345000', text);
      expect([answer.statusCode, answer.headers['content-type'], answer.body]).toEqual([
        200,
        'text/xml; charset=utf-8',
        '<?xml version="1.0" encoding="UTF-8"?>\n<Response></Response>',
      ]);
      expect(await consents()).toEqual([
        { profile_id: carriers.people[0], purpose: 'promotion', channel: 'email' },
        { profile_id: carriers.people[0], purpose: 'service', channel: 'sms' },
        { profile_id: carriers.people[1], purpose: 'promotion', channel: 'sms' },
      ]);
      await inbound('+33612345000', text);
      expect(await carriers.events()).toMatchObject([
        {
          type: 'message.unsubscribed',
          delivery_id: id,
          properties: { via: 'sms', step: 'first', arm: 'a' },
        },
      ]);
      const proofs =
        await app()`select action, source, evidence from consent_events where profile_id = ${carriers.people[0] ?? 0}`;
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
    await carriers.delivery(0, 'accepted');
    await inbound(phoneOf(0), 'Detener', { OptOutType: 'STOP' });
    expect(await consents()).toEqual([]);
    expect((await inbound(phoneOf(0), 'AYUDA', { OptOutType: 'HELP' })).body).toContain(
      '<Response></Response>',
    );
  });

  test('who asks is told who writes; other words are an event without the words', async () => {
    const id = await carriers.delivery(0, 'accepted');
    await agree(0, 'promotion', 'sms');
    expect((await inbound(phoneOf(0), 'contact')).body).toContain('<Message>Maison Lumen, 18 rue');
    await inbound(phoneOf(0), 'Merci, ma fille Zoé adore', { MessageSid: `${SID}8` });
    expect((await carriers.events()).map(({ type, properties }) => [type, properties['word']])).toEqual([
      ['message.replied', 'contact'],
      ['message.replied', 'other'],
    ]);
    expect((await carriers.events())[0]?.delivery_id).toBe(id);
    expect(JSON.stringify(await carriers.events())).not.toMatch(/Zo|Merci/);
    expect(await consents()).toHaveLength(1);
  });

  test('a number of nobody is answered the same, and nothing is kept of it', async () => {
    for (const from of ['+33699999999', 'MAISON', '36111'])
      expect((await inbound(from, 'STOP')).body).toContain('<Response></Response>');
    expect(await carriers.events()).toEqual([]);
  });

  test('by the generic provider: answers are in the answer', async () => {
    await carriers.delivery(0, 'accepted');
    const answer = await carriers.signed('/webhooks/sms', {
      events: [
        { type: 'reply', from: phoneOf(0), text: 'AIDE', at: '2026-03-01T10:00:00Z', id: 'in-1' },
        { type: 'reply', from: phoneOf(0), text: 'stop', at: '2026-03-01T10:01:00Z', id: 'in-2' },
      ],
    });
    expect(answer.json()).toEqual({
      accepted: 0,
      duplicates: 0,
      unknown: [],
      contradicting: [],
      answers: [{ id: 'in-1', text: 'Maison Lumen. Répondez STOP pour ne plus recevoir nos SMS.' }],
    });
    expect((await carriers.events()).map(({ type }) => type)).toEqual([
      'message.replied',
      'message.unsubscribed',
    ]);
  });
});
