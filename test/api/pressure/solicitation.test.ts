import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { seedPeople } from '../../support/seed-campaign';

const DAY_MS = 86_400_000;
let api: ApiUnderTest;
let people: number[];
beforeEach(async () => {
  api = await apiUnderTest();
  people = await seedPeople(api.database.db, 60);
});
afterEach(() => api.close());

/** Contacts of people so many days ago each. */
async function contacts(
  given: readonly {
    of: readonly number[];
    daysAgo: readonly number[];
    department?: string;
    nature?: string;
  }[],
): Promise<void> {
  for (const { of, daysAgo, department = 'sales', nature = 'promotion' } of given) {
    const at = daysAgo.map((days) => new Date(Date.now() - days * DAY_MS).toISOString());
    await api.database.db.app`
      insert into contacts (profile_id, at, nature, channel, department, source)
      select id, at, ${nature}, 'email', ${department}, 'old-tool'
      from unnest(${[...of]}::bigint[]) id, unnest(${at}::timestamptz[]) at`;
  }
}
const get = (path: string) => api.call('GET', `/v1/solicitation${path}`, { as: 'viewer' });

test('what each department sent whom, by week, and the same as CSV', async () => {
  const [{ monday } = { monday: new Date() }] = await api.database.db.app<{ monday: Date }[]>`
    select date_trunc('week', now() at time zone 'Europe/Paris') at time zone 'Europe/Paris' as monday`;
  const lastWeek = (Date.now() - monday.getTime()) / DAY_MS + 3;
  await contacts([
    { of: people.slice(0, 10), daysAgo: [lastWeek] },
    { of: people.slice(0, 1), daysAgo: [lastWeek, lastWeek + 1] },
    { of: people.slice(0, 5), daysAgo: [lastWeek + 7], department: 'press', nature: 'newsletter' },
    { of: people.slice(0, 5), daysAgo: [lastWeek + 700] },
  ]);
  const { rows } = (await get('?weeks=3')).json();
  expect(rows).toMatchObject([
    {
      department: 'sales',
      nature: 'promotion',
      messages: 12,
      people: 10,
      meanPerPerson: 1.2,
      p95PerPerson: 3,
      maxPerPerson: 3,
    },
    { department: 'press', nature: 'newsletter', messages: 5, people: 5, p95PerPerson: 1 },
  ]);
  const csv = await get('?weeks=3&format=csv');
  expect(csv.headers['content-type']).toContain('text/csv');
  expect(csv.body.split('\r\n')).toEqual([
    'week,department,channel,nature,messages,people,meanPerPerson,p95PerPerson,maxPerPerson',
    `${rows[0].week},sales,email,promotion,12,10,1.2,3,3`,
    `${rows[1].week},press,email,newsletter,5,5,1,1,1`,
    '',
  ]);
});

test('over a threshold, in pages; a contact that just left the window is not counted', async () => {
  await contacts([
    { of: people.slice(0, 3), daysAgo: [1, 2, 3] },
    { of: people.slice(3, 5), daysAgo: [1, 3, 15] },
    { of: people.slice(0, 1), daysAgo: [2], department: 'press' },
  ]);
  const first = (await get('/people?threshold=2&windowDays=14&limit=2')).json();
  expect(first.items).toEqual([
    { profileId: people[0], over: ['threshold'], contacts: 4, departments: ['press', 'sales'] },
    { profileId: people[1], over: ['threshold'], contacts: 3, departments: ['sales'] },
  ]);
  const second = (await get(`/people?threshold=2&windowDays=14&limit=2&after=${first.next}`)).json();
  expect(second).toMatchObject({ items: [{ profileId: people[2] }], next: null });
  // Looked at from 13 days ago, the three were within two weeks.
  expect((await get('/people?threshold=2&windowDays=14.5')).json().items).toHaveLength(5);
  const csv = await get('/people?threshold=2&limit=1&format=csv');
  expect(csv.body).toBe(`profileId,over,contacts,departments\r\n${people[0]},threshold,4,press sales\r\n`);
  expect(csv.headers['link']).toContain(`after=${people[0]}`);
});

test('over the caps’ own limits: rolling, by calendar, of a segment', async () => {
  const [{ monday } = { monday: new Date() }] = await api.database.db.app<{ monday: Date }[]>`
    select date_trunc('week', now() at time zone 'Europe/Paris') at time zone 'Europe/Paris' as monday`;
  const sinceMonday = (Date.now() - monday.getTime()) / DAY_MS;
  const cap = (key: string, body: unknown) =>
    api.call('PUT', `/v1/policies/cap/${key}`, { as: 'admin', body });
  await cap('promo', { nature: 'promotion', limit: 1, windowDays: 2 });
  await cap('week', { nature: 'newsletter', limit: 1, calendar: 'week' });
  await cap('customers', { nature: 'survey', recipientType: 'customer', limit: 1, windowDays: 5 });
  await cap('lifted', { nature: 'newsletter', limit: null, windowDays: 30 });
  await contacts([
    { of: people.slice(0, 1), daysAgo: [10, 11] },
    { of: people.slice(1, 2), daysAgo: [10, 13] },
    // The Sunday and the Monday of two weeks, and twice in one.
    { of: people.slice(2, 3), daysAgo: [sinceMonday + 6.9, sinceMonday + 7.1], nature: 'newsletter' },
    { of: people.slice(3, 4), daysAgo: [sinceMonday + 1, sinceMonday + 6], nature: 'newsletter' },
    { of: people.slice(4, 5), daysAgo: [1, 10, 20], nature: 'newsletter' },
    { of: people.slice(5, 7), daysAgo: [1, 2], nature: 'survey' },
  ]);
  await api.database.db.app`
    insert into profile_keys (kind, hash, profile_id) values ('customer', sha256('x'), ${people[6] ?? 0})`;
  expect((await get('/people')).json().items).toMatchObject([
    { profileId: people[0], over: ['promo'], contacts: 2 },
    { profileId: people[3], over: ['week'], contacts: 2 },
    { profileId: people[6], over: ['customers'], contacts: 2 },
  ]);
});

test('a campaign’s own reminder is not too much where the cap lets it follow up', async () => {
  const { app } = api.database.db;
  const cap = { nature: 'promotion', limit: 1, windowDays: 14 };
  const over = async (definition: object): Promise<unknown[]> => {
    await api.call('PUT', '/v1/policies/cap/promo', { as: 'admin', body: definition });
    return (await get('/people')).json().items.map(({ profileId }: { profileId: number }) => profileId);
  };
  await app`
    insert into contacts (profile_id, at, nature, channel, department, campaign_id, step)
    select id, now() - make_interval(days => s.ago), 'promotion', 'email', 'crm', s.campaign, s.step
    from unnest(${people.slice(0, 2)}::bigint[]) id
    cross join (values (5, 'c1', 'first'), (2, 'c1', 'again')) s (ago, campaign, step)
    union all select ${people[1] ?? 0}, now() - interval '1 day', 'promotion', 'email', 'crm', 'c2', 'first'`;
  expect(await over(cap)).toEqual(people.slice(0, 2));
  expect(await over({ ...cap, excludeOwnCampaign: true })).toEqual([people[1]]);
});

test('a cap is proposed where people refuse more as they get more', async () => {
  const { app } = api.database.db;
  await contacts([{ of: people, daysAgo: [40, 5, 4, 3] }]);
  // Half of them withdraw after the third within two weeks.
  const refusing = people.filter((_, n) => n % 2 === 0);
  await app`
    insert into consent_events (profile_id, purpose, channel, action, at, source, recorded_by)
    select id, 'promotion', 'email', 'withdrawn', now() - interval '2 days', 'test', 'test' from unnest(${refusing}::bigint[]) id`;
  const { items } = (await get('/proposals')).json();
  expect(items).toMatchObject([
    { nature: 'promotion', windowDays: 14, reasons: [{ code: 'refusals-rise', rateBelow: 0 }] },
  ]);
  const csv = (await get('/proposals?format=csv')).body;
  expect(csv).toContain(`promotion,${items[0].limit},14,refusals-rise,`);
  // Each refusal is put down to the last contact before it alone.
  expect(items[0].limit).toBe(1);
  expect(items[0].reasons[0].rateFrom).toBeCloseTo(30 / 120, 10);

  await api.call('PUT', '/v1/policies/cap/promo', {
    as: 'admin',
    body: { nature: 'promotion', limit: 1, windowDays: 14 },
  });
  expect((await get('/proposals')).json().items).toEqual([]);
});
