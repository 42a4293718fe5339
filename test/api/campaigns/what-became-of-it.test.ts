import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { seedCampaign } from '../../support/seed-campaign';

let api: ApiUnderTest;
let profileIds: readonly number[] = [];
const CAMPAIGN = 'cshown222222';
beforeAll(async () => {
  api = await apiUnderTest();
  const { app } = api.database.db;
  const seeded = await seedCampaign(api.database.db, { campaignId: CAMPAIGN, people: 9 });
  profileIds = seeded.profileIds;
  await app`
    insert into waves (campaign_id, step, wave, part, planned) values (${CAMPAIGN}, 'first', 'w1', 'test', 9)`;
  await app`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, reason, code, provider_id, gated_at)
    select ${CAMPAIGN}, 'first', p, 'w1', 'a', 'habitues', (array['email', 'sms'])[1 + n % 2],
      (array['accepted', 'skipped', 'failed'])[1 + n % 3], case n % 3 when 1 then 'cap:promotion-14-days' end,
      case n % 3 when 2 then '550 5.1.1' end, '=q,"' || n, now() - interval '1 day' * n
    from unnest(${[...profileIds]}::bigint[]) with ordinality as x (p, n) where n <= 8`;
});
afterAll(() => api.close());

const get = async (path: string, query: Record<string, string> = {}, as: 'viewer' | 'editor' = 'editor') =>
  api.call('GET', `/v1${path}`, { as, query });
const of = (path: string): string => `/campaigns/${CAMPAIGN}${path}`;

test.each<[Record<string, string>, number]>([
  [{}, 8],
  [{ state: 'skipped' }, 3],
  [{ reason: 'cap' }, 3],
  [{ reason: 'cap:promotion-14-days', channel: 'sms' }, 2],
  [{ code: '550 5.1.1' }, 3],
  [{ step: 'first', wave: 'w1', arm: 'a' }, 8],
  [{ arm: 'b' }, 0],
  [{ since: new Date(Date.now() - 3.5 * 86_400_000).toISOString() }, 3],
])('the ledger filtered by %j', async (query, count) => {
  const answer = await get(of('/deliveries'), { ...query, limit: '100' }, 'viewer');
  expect([answer.statusCode, answer.json().items.length]).toEqual([200, count]);
});

test('one person’s line, and what is asked wrongly', async () => {
  const mine = await get(of('/deliveries'), { profile: String(profileIds[3]) });
  expect(mine.json().items).toMatchObject([{ profileId: profileIds[3], step: 'first', tried: [] }]);
  for (const query of [
    { state: 'lost' },
    { channel: 'pigeon' },
    { since: 'yesterday' },
    { profile: '0' },
    { colour: 'red' },
  ])
    expect((await get(of('/deliveries'), query)).statusCode).toBe(400);
  expect((await get('/campaigns/cnothere/deliveries')).statusCode).toBe(404);
});

test('the export has the same lines, pseudonymous, and no cell a spreadsheet would run', async () => {
  const answer = await get(of('/deliveries.csv'), { state: 'accepted' });
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
  const [head, ...lines] = answer.body.trimEnd().split('\r\n');
  expect(head).toMatch(/^id,profile_id,step,wave,arm,/);
  expect(lines).toHaveLength(2);
  expect(answer.body).not.toContain('@');
  for (const line of lines) expect(line).toMatch(/,"'=q,""\d"$/);
  expect((await get(of('/deliveries.csv'), {}, 'viewer')).statusCode).toBe(403);
});

test('an export of many pages misses nobody and repeats nobody', async () => {
  const { campaignId } = await seedCampaign(api.database.db, { campaignId: 'clong2222222', people: 4_500 });
  await api.database.db.app`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state)
    select campaign_id, 'first', profile_id, 'w1', arm, persona, 'email', 'accepted' from audience_members where campaign_id = ${campaignId}`;
  const answer = await get(`/campaigns/${campaignId}/deliveries.csv`);
  const ids = answer.body
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(',')[0]);
  expect([ids.length, new Set(ids).size]).toEqual([4_500, 4_500]);
});

test('counters add up, with those nobody has looked at yet', async () => {
  const { total, cells } = (await get(of('/counters'), {}, 'viewer')).json();
  expect(total).toMatchObject({ planned: 9, accepted: 2, failed: 3, skipped: 3, uncertain: 0, open: 1 });
  expect(cells).toHaveLength(3);
  expect(cells.filter((cell: { channel: string | null }) => cell.channel === null)).toMatchObject([
    { planned: 1, open: 1 },
  ]);
});

test('attribution says its terms', async () => {
  expect((await get(of('/attribution'), {}, 'viewer')).json()).toEqual({
    terms: { event: 'visit', windowSeconds: 60, from: 'delivery' },
    conversions: 0,
    people: 0,
    valueCents: {},
    byArm: {},
    byStep: {},
    byChannel: {},
    byLag: {},
  });
});

test('one person: their contacts, and why', async () => {
  const [, capped = 0] = profileIds;
  const skipped = (await get(of('/deliveries'), { state: 'skipped' })).json().items[0].profileId;
  const contacts = async (which: Record<string, string>) =>
    (await get(`/profiles/${skipped}/contacts`, which)).json();
  const refused = { source: 'boucle', contact: 'not-made', delivery: { reason: 'cap:promotion-14-days' } };
  expect(await contacts({})).toEqual({ items: [], next: null });
  expect(await contacts({ contacts: 'not-made' })).toMatchObject({ items: [refused], next: null });
  expect(await contacts({ contacts: 'all' })).toMatchObject({ items: [refused], next: null });
  const why = (await get(of(`/explain/${skipped}`))).json();
  expect(why.statements).toContainEqual(
    expect.objectContaining({
      code: 'gate:skip:cap:promotion-14-days',
      words: expect.stringContaining('(promotion-14-days)'),
    }),
  );
  expect((await get(of(`/explain/${capped}`), {}, 'viewer')).statusCode).toBe(403);
  expect((await get(of('/explain/987654'))).statusCode).toBe(404);
  expect((await get('/profiles/987654/contacts')).statusCode).toBe(404);
  expect((await get(`/profiles/${skipped}/contacts`, { after: 'x' })).statusCode).toBe(400);
});
