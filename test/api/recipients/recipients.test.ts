import { createHash } from 'node:crypto';
import { createLinkSigner } from '../../../adapters/links/signer';
import { apiUnderTest, LINK_SECRET, type ApiUnderTest } from '../../support/api';
import { seedCampaign, seedConsent } from '../../support/seed-campaign';

let api: ApiUnderTest;
let profileIds: readonly number[] = [];
const deliveryOf = new Map<number, number>();
const signer = createLinkSigner(LINK_SECRET);
const forger = createLinkSigner('another secret altogether');

beforeAll(async () => {
  api = await apiUnderTest();
  const seeded = await seedCampaign(api.database.db, { campaignId: 'crecipients2', people: 8 });
  profileIds = seeded.profileIds;
  const [creative] = seeded.creatives;
  const rows = await api.database.db.app<{ id: number; profile_id: number }[]>`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, creative_id, state, open_pixel)
    select 'crecipients2', 'first', p, 'test', 'a', 'habitues', 'email', ${creative?.creativeId ?? 0}, 'accepted', true
    from unnest(${[...profileIds]}::bigint[]) p returning id, profile_id`;
  for (const row of rows) deliveryOf.set(row.profile_id, row.id);
});
afterAll(() => api.close());

const person = (n: number): { profileId: number; deliveryId: number } => {
  const profileId = profileIds[n] ?? 0;
  return { profileId, deliveryId: deliveryOf.get(profileId) ?? 0 };
};
const ask = (
  method: 'GET' | 'HEAD' | 'POST',
  url: string,
  more: { headers?: Record<string, string>; body?: string } = {},
) => api.call(method, url, { as: 'none', ...more });
const eventsOf = async (deliveryId: number) =>
  (
    await api.database.db.app<
      { type: string }[]
    >`select type from events where delivery_id = ${deliveryId} order by type`
  ).map((e) => e.type);
/** Everything there is about consent and events, to see that nothing was touched. */
const everything = async () =>
  JSON.stringify([
    await api.database.db.app`select * from events order by id`,
    await api.database.db.app`select * from consent_events order by id`,
    await api.database.db.app`select * from consent_state order by profile_id, purpose`,
    await api.database.db.app`select * from suppressions`,
  ]);
const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0' };

describe('a tracked link', () => {
  test('leads where the creative says, and counts once a person’s click', async () => {
    const { deliveryId } = person(0);
    const answer = await ask('GET', `/t/c/${signer.click(deliveryId, 0)}`, { headers: browser });
    expect([answer.statusCode, answer.headers['location']]).toEqual([302, 'https://example.test/voir?arm=a']);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await eventsOf(deliveryId)).toEqual(['message.clicked']);
  });

  test('a HEAD and a robot are led there and count for nobody', async () => {
    const { deliveryId } = person(1);
    expect((await ask('HEAD', `/t/c/${signer.click(deliveryId, 1)}`, { headers: browser })).statusCode).toBe(
      302,
    );
    const robot = { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1)' };
    expect(
      (await ask('GET', `/t/c/${signer.click(deliveryId, 1)}`, { headers: robot })).headers['location'],
    ).toBe('https://example.test/aide');
    expect(await eventsOf(deliveryId)).not.toContain('message.clicked');
  });

  test('forged, cut, of another kind, of no link: 404 and nothing noted', async () => {
    const { deliveryId } = person(2);
    const good = signer.click(deliveryId, 0);
    const before = await everything();
    const tokens = [
      forger.click(deliveryId, 0),
      good.slice(0, -1),
      good.slice(0, -1) + (good.endsWith('A') ? 'B' : 'A'),
      `${good}A`,
      signer.open(deliveryId),
      signer.unsubscribe(deliveryId),
      signer.click(deliveryId, 7),
      signer.click(281_474_976_710_655, 0),
      'https:%2F%2Fevil.test',
      '%00',
      'x'.repeat(250),
    ];
    for (const token of tokens) {
      const answer = await ask('GET', `/t/c/${token}`, { headers: browser });
      expect([token.slice(0, 30), [404, 400].includes(answer.statusCode)]).toEqual([
        token.slice(0, 30),
        true,
      ]);
      expect(answer.headers['location']).toBeUndefined();
    }
    expect(await everything()).toBe(before);
  });
});

describe('the open pixel', () => {
  test('is the same 43 bytes for everybody, never kept', async () => {
    for (const token of [signer.open(person(3).deliveryId), forger.open(1), 'nonsense', signer.click(1, 0)]) {
      const answer = await ask('GET', `/t/o/${token}`, { headers: browser });
      expect([answer.statusCode, answer.headers['content-type'], answer.rawPayload.length]).toEqual([
        200,
        'image/gif',
        43,
      ]);
      expect(answer.rawPayload.subarray(0, 6).toString()).toBe('GIF89a');
      expect(answer.headers['cache-control']).toContain('no-store');
    }
    expect(await eventsOf(person(3).deliveryId)).toEqual([]);
  });

  test('counts only where that consent holds at this moment', async () => {
    const { profileId, deliveryId } = person(4);
    await seedConsent(api.database.db, [profileId], 'email-open-tracking');
    await ask('GET', `/t/o/${signer.open(deliveryId)}`, { headers: browser });
    await ask('GET', `/t/o/${signer.open(deliveryId)}`, { headers: browser });
    expect(await eventsOf(deliveryId)).toEqual(['message.opened']);

    const other = person(5);
    await seedConsent(
      api.database.db,
      [other.profileId],
      'email-open-tracking',
      true,
      new Date(Date.now() - 1_000),
    );
    await ask('GET', `/t/o/${signer.open(other.deliveryId)}`, { headers: browser });
    expect(await eventsOf(other.deliveryId)).toEqual([]);
  });
});

describe('unsubscribing', () => {
  const granted = async (profileId: number) =>
    (
      await api.database.db.app<{ granted: boolean }[]>`
      select granted from consent_state where profile_id = ${profileId} and purpose = 'promotion' and channel = 'email'`
    )[0]?.granted;

  test('looking changes nothing: GET and HEAD, by people and robots', async () => {
    const { deliveryId } = person(6);
    const before = await everything();
    const url = `/u/${signer.unsubscribe(deliveryId)}`;
    const page = await ask('GET', url, { headers: browser });
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.body).toContain('Maison Lumen');
    expect(page.body).toContain('method="post"');
    expect(page.body).toContain(`action="${url}"`);
    expect((await ask('HEAD', url)).statusCode).toBe(200);
    await ask('GET', url, { headers: { 'user-agent': 'Barracuda Sentinel' } });
    expect(await everything()).toBe(before);
  });

  const boundary = 'b0undary';
  test.each<[string, { headers?: Record<string, string>; body?: string }]>([
    [
      'RFC 8058, urlencoded',
      {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'List-Unsubscribe=One-Click',
      },
    ],
    [
      'RFC 8058, multipart',
      {
        headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
        body: `--${boundary}\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--${boundary}--\r\n`,
      },
    ],
    [
      'the button of the page',
      { headers: { 'content-type': 'application/x-www-form-urlencoded', ...browser }, body: '' },
    ],
    ['no body and no type at all', {}],
    ['a body without a type', { body: 'List-Unsubscribe=One-Click' }],
    ['a type that is none', { headers: { 'content-type': 'nonsense' }, body: 'List-Unsubscribe=One-Click' }],
  ])('a POST acts with nothing but its body: %s', async (_name, more) => {
    const { profileId, deliveryId } = person(6);
    await seedConsent(api.database.db, [profileId], 'promotion');
    expect(await granted(profileId)).toBe(true);
    const answer = await ask('POST', `/u/${signer.unsubscribe(deliveryId)}`, more);
    expect([answer.statusCode, answer.headers['set-cookie'], answer.headers['location']]).toEqual([
      200,
      undefined,
      undefined,
    ]);
    expect(await granted(profileId)).toBe(false);
  });

  test('is noted once a message, and how', async () => {
    const { deliveryId } = person(7);
    const url = `/u/${signer.unsubscribe(deliveryId)}`;
    await ask('POST', url, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    });
    await ask('POST', url);
    const rows = await api.database.db
      .app`select properties from events where delivery_id = ${deliveryId} and type = 'message.unsubscribed'`;
    expect(rows).toMatchObject([{ properties: { via: 'one-click' } }]);
  });

  test('a forged link changes nothing, asked or posted', async () => {
    const { deliveryId } = person(0);
    const before = await everything();
    for (const token of [
      forger.unsubscribe(deliveryId),
      signer.click(deliveryId, 0),
      signer.unsubscribe(281_474_976_710_655),
      'x',
    ]) {
      expect((await ask('POST', `/u/${token}`)).statusCode).toBe(404);
      expect((await ask('GET', `/u/${token}`)).statusCode).toBe(404);
    }
    expect(await everything()).toBe(before);
  });

  test('a body without end is not read', async () => {
    const answer = await ask('POST', `/u/${signer.unsubscribe(person(0).deliveryId)}`, {
      body: 'x'.repeat(100_000),
    });
    expect(answer.statusCode).toBe(413);
  });
});

describe('pictures', () => {
  const bytes = Buffer.from('a picture');
  const sha256 = createHash('sha256').update(bytes).digest('hex');

  test('by the hash of their content, kept for ever', async () => {
    api.blobs.set(sha256, bytes);
    const answer = await ask('GET', `/assets/${sha256}.png`);
    expect([answer.statusCode, answer.headers['content-type'], answer.rawPayload.equals(bytes)]).toEqual([
      200,
      'image/png',
      true,
    ]);
    expect(answer.headers['cache-control']).toContain('immutable');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  test.each([`${'0'.repeat(64)}.png`, `${sha256}.exe`, '..%2f..%2fetc%2fpasswd', `${sha256}`, '%00.png'])(
    'none at %s',
    async (file) => {
      expect([400, 404]).toContain((await ask('GET', `/assets/${file}`)).statusCode);
    },
  );
});
