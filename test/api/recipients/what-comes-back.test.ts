import { createLinkSigner } from '../../../adapters/links/signer';
import { signWebhook } from '../../../adapters/webhooks/signature';
import {
  apiUnderTest,
  BOUNCE_SECRET,
  LINK_SECRET,
  WEBHOOK_SECRET,
  type ApiUnderTest,
} from '../../support/api';
import { returnedMail, type ReturnedMailName } from '../../support/returned-mail';
import { seedCampaign } from '../../support/seed-campaign';

let api: ApiUnderTest;
let ids: number[] = [];
const signer = createLinkSigner(LINK_SECRET);
beforeAll(async () => {
  api = await apiUnderTest();
  const seeded = await seedCampaign(api.database.db, { campaignId: 'cback2222222', people: 4 });
  const rows = await api.database.db.app<{ id: number }[]>`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, provider_id)
    select 'cback2222222', 'first', p, 'w1', 'a', 'habitues', 'email', 'accepted', 'q' || p
    from unnest(${[...seeded.profileIds]}::bigint[]) p order by p returning id`;
  ids = rows.map((row) => row.id);
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.database.db.app`delete from suppressions`;
  await api.database.db.app`delete from events`;
});

const AT = '2026-03-01T10:00:00Z';
const kept = () =>
  api.database.db.app<{ type: string; delivery_id: number; bounce: string | null; code: string | null }[]>`
    select type, delivery_id, properties ->> 'bounce' as bounce, properties ->> 'code' as code from events order by delivery_id, type`;
const suppressed = async () =>
  (await api.database.db.app<{ reason: string }[]>`select reason from suppressions order by reason`).map(
    (r) => r.reason,
  );

describe('events of the e-mail provider', () => {
  const post = (events: unknown, secret = WEBHOOK_SECRET) => {
    const body = JSON.stringify({ events });
    const timestamp = String(Math.floor(Date.now() / 1_000));
    return api.call('POST', '/webhooks/email', {
      as: 'none',
      headers: {
        'content-type': 'application/json',
        'x-boucle-timestamp': timestamp,
        'x-boucle-signature': signWebhook({ secret, timestamp, body }),
      },
      body,
    });
  };

  test('each by whichever name the provider knows, and once however often it is told', async () => {
    const [a = 0, b = 0, c = 0] = ids;
    const [row] = await api.database.db.app<
      { provider_id: string }[]
    >`select provider_id from deliveries where id = ${b}`;
    const events = [
      { type: 'delivered', id: 'e1', at: AT, deliveryId: a },
      { type: 'deferred', id: 'e2', at: AT, providerId: row?.provider_id },
      {
        type: 'bounced',
        bounce: 'hard',
        code: '550 5.1.1',
        id: 'e3',
        at: AT,
        messageId: `<d${c}.cback2222222@lumen.example.test>`,
      },
      { type: 'complained', id: 'e4', at: AT, deliveryId: a },
      { type: 'delivered', id: 'e5', at: AT, messageId: `<d${c}.canother@lumen.example.test>` },
      { type: 'delivered', id: 'e6', at: AT, messageId: 'not-ours@example.test' },
    ];
    expect((await post(events)).json()).toEqual({
      accepted: 4,
      duplicates: 0,
      unknown: ['e5', 'e6'],
      contradicting: [],
    });
    expect((await post([...events].reverse())).json()).toEqual({
      accepted: 0,
      duplicates: 4,
      unknown: ['e6', 'e5'],
      contradicting: [],
    });
    expect([...(await kept())]).toEqual([
      { type: 'message.complained', delivery_id: a, bounce: null, code: null },
      { type: 'message.delivered', delivery_id: a, bounce: null, code: null },
      { type: 'message.deferred', delivery_id: b, bounce: null, code: null },
      { type: 'message.bounced', delivery_id: c, bounce: 'hard', code: '550 5.1.1' },
    ]);
    expect(await suppressed()).toEqual(['complaint', 'hard-bounce']);
  });

  test('signed with another secret: refused, and nothing is written', async () => {
    const answer = await post(
      [{ type: 'delivered', id: 'e1', at: AT, deliveryId: ids[0] }],
      'another-secret-altogether',
    );
    expect([answer.statusCode, answer.json()]).toMatchObject([401, { code: 'bad-signature' }]);
    expect(await kept()).toHaveLength(0);
  });

  test.each([
    ['no name', {}],
    ['two names', { deliveryId: 1, providerId: 'q' }],
    ['words in the code', { type: 'bounced', bounce: 'hard', code: '550 <a@b.test> unknown', deliveryId: 1 }],
    ['neither hard nor soft', { type: 'bounced', deliveryId: 1 }],
    ['opened, which a provider cannot know of', { type: 'opened', deliveryId: 1 }],
  ])('%s: 400 and nothing is written', async (_case, change) => {
    const answer = await post([{ type: 'delivered', id: 'e1', at: AT, ...change }]);
    expect([answer.statusCode, answer.json()]).toMatchObject([400, { code: 'invalid-request' }]);
    expect(await kept()).toHaveLength(0);
  });
});

describe('mails that come back', () => {
  const pipe = (
    name: ReturnedMailName,
    deliveryId: number,
    more: { secret?: string; recipient?: string } = {},
  ) =>
    api.call('POST', '/webhooks/bounces', {
      as: 'none',
      headers: {
        'content-type': 'message/rfc822',
        authorization: `Bearer ${more.secret ?? BOUNCE_SECRET}`,
        ...(more.recipient === undefined ? {} : { 'x-boucle-recipient': more.recipient }),
      },
      body: returnedMail(name, {
        returnPath: more.recipient ?? `bounce+${signer.bounce(deliveryId)}@lumen.example.test`,
        messageId: `d${deliveryId}.cback2222222@lumen.example.test`,
        unsubscribe: 'https://example.test/',
      }),
    });

  test('a dead mailbox is a bounce and is never written to again; told twice it counts once', async () => {
    const [id = 0] = ids;
    expect((await pipe('postfix-failed', id)).json()).toEqual({ kind: 'bounced', why: null, outcome: 'new' });
    expect((await pipe('postfix-failed', id)).json()).toMatchObject({ outcome: 'known' });
    expect([...(await kept())]).toEqual([
      { type: 'message.bounced', delivery_id: id, bounce: 'hard', code: '550 5.1.1' },
    ]);
    expect(await suppressed()).toEqual(['hard-bounce']);
  });

  test('a delay, a full mailbox, an absence and an old server’s words bury nobody', async () => {
    const names: ReturnedMailName[] = ['postfix-delayed', 'gmail-full', 'absence', 'qmail'];
    for (const [i, name] of names.entries())
      expect((await pipe(name, ids[i] ?? 0)).json()).toMatchObject({ outcome: 'new' });
    expect((await kept()).map((row) => [row.type, row.bounce])).toEqual([
      ['message.deferred', null],
      ['message.bounced', 'soft'],
      ['message.returned', null],
      ['message.returned', null],
    ]);
    expect(await suppressed()).toEqual([]);
  });

  test('a feedback report is a complaint', async () => {
    const [id = 0] = ids;
    expect(
      (await pipe('arf-abuse', id, { recipient: `bounce+${signer.bounce(id)}@lumen.example.test` })).json(),
    ).toMatchObject({
      kind: 'complained',
      outcome: 'new',
    });
    expect(await suppressed()).toEqual(['complaint']);
  });

  test('a Message-ID alone is believed only with the address it went to', async () => {
    const [id = 0] = ids;
    expect((await pipe('exim-failed', id, { recipient: 'bounces@lumen.example.test' })).json()).toEqual({
      kind: 'bounced',
      why: null,
      outcome: 'no-delivery',
    });
    expect(await suppressed()).toEqual([]);
  });

  test('without the secret nothing is read', async () => {
    const answer = await pipe('postfix-failed', ids[0] ?? 0, { secret: WEBHOOK_SECRET });
    expect([answer.statusCode, answer.json()]).toMatchObject([401, { code: 'bad-signature' }]);
    expect(await kept()).toHaveLength(0);
  });
});
