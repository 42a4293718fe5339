import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { prepareScenario, putLiveSegment } from '../../support/scenario';
import { seedCampaign, seedPeople } from '../../support/seed-campaign';

const DAY_MS = 86_400_000;
let api: ApiUnderTest;
beforeEach(async () => {
  api = await apiUnderTest();
});
afterEach(() => api.close());

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
/** The day it is in Paris at a moment. */
const parisDay = (ms: number): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Paris' }).format(ms);
/** A contact at noon UTC, the same day in Paris, so many days ago. */
const noon = (daysAgo: number): string => `${dayOf(Date.now() - daysAgo * DAY_MS)}T12:00:00Z`;

const contact = (id: number, daysAgo: number, externalId: string, more = {}) => ({
  source: 'old-tool',
  externalId,
  profile: { id },
  at: noon(daysAgo),
  nature: 'promotion',
  channel: 'email',
  department: 'sales',
  ...more,
});

async function withCap(): Promise<void> {
  await api.call('PUT', '/v1/policies/cap/promo', {
    as: 'admin',
    body: { nature: 'promotion', limit: 1, windowDays: 14 },
  });
}

/** A campaign in its roll-out, with an audience row as a freeze leaves it. */
async function openCampaign(id: string, people: readonly number[], department = 'crm', more = {}) {
  const { db } = api.database;
  const campaign = await seedCampaign(db, {
    campaignId: id,
    people,
    part: 'rollout',
    scenario: { department, ...more },
  });
  const parts = { pilot: 0, test: 0, rollout: people.length };
  await db.app`
    insert into audiences (campaign_id, matched, excluded, holdout, members, arms, parts, personas, definition_sha256)
    values (${id}, ${people.length}, '{}', 0, ${people.length}, '{}', ${db.app.json(parts)}, '{"habitues": 1}', 'x')`;
  await db.app`update campaigns set stage = 'rollout' where id = ${id}`;
  await db.app`insert into campaign_stages (campaign_id, stage) values (${id}, 'rollout')`;
  return campaign;
}

const calendar = (query: Record<string, string> = {}) =>
  api.call('GET', '/v1/calendar', { as: 'viewer', query });

test('what was sent and is planned, by day, and the pressure on people before and after', async () => {
  await withCap();
  const people = await seedPeople(api.database.db, 10);
  const [a = 0, b = 0, c = 0] = people;
  const given = [
    contact(a, 2, '1'),
    contact(b, 2, '2', { department: 'press', nature: 'newsletter' }),
    contact(b, 3, '3'),
    contact(c, 20, '4'),
  ];
  expect((await api.call('POST', '/v1/contacts', { body: given })).json()).toMatchObject({ accepted: 4 });
  // Six people; of one the message is gone already, which is a contact now, another was refused.
  await openCampaign('ccalendar111', people.slice(0, 6));
  await api.database.db.app`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state)
    values ('ccalendar111', 'first', ${c}, 'w', 'a', 'habitues', 'email', 'accepted'),
      ('ccalendar111', 'first', ${people[3] ?? 0}, 'w', 'a', 'habitues', 'email', 'skipped')`;
  await api.database.db.app`
    insert into contacts (profile_id, at, nature, channel, department, campaign_id, step)
    values (${c}, now() - interval '1 minute', 'promotion', 'email', 'crm', 'ccalendar111', 'first')`;

  const answer = await calendar({ from: dayOf(Date.now() - 25 * DAY_MS) });
  expect(answer.statusCode).toBe(200);
  const found = answer.json();
  expect(found).toMatchObject({ market: 'FR', timezone: 'Europe/Paris' });
  const rows: {
    campaignId: string | null;
    department: string;
    nature: string;
    sent: number;
    planned: number;
  }[] = found.days;
  const total = (key: 'sent' | 'planned', of: (row: (typeof rows)[number]) => boolean): number =>
    rows.filter(of).reduce((sum, row) => sum + row[key], 0);
  expect(total('planned', (row) => row.campaignId === 'ccalendar111')).toBe(4);
  expect(total('sent', (row) => row.campaignId === 'ccalendar111')).toBe(1);
  expect(total('sent', (row) => row.department === 'sales')).toBe(3);
  expect(found.days).toContainEqual({
    day: dayOf(Date.now() - 2 * DAY_MS),
    campaignId: null,
    campaign: null,
    source: 'old-tool',
    department: 'press',
    channel: 'email',
    nature: 'newsletter',
    sent: 1,
    planned: 0,
  });

  expect(found.pressure).toMatchObject({ cap: 'promo', windowDays: 14, segment: null });
  // Now: a one, b two, c one (the one 20 days ago is out). With the plan: a two, b three, two others one.
  expect(found.pressure.overall).toMatchObject({
    before: { people: 10, histogram: { none: 7, one: 2, two: 1, three: 0, atLeast4: 0 }, mean: 0.4, max: 2 },
    after: { people: 10, histogram: { none: 5, one: 3, two: 1, three: 1, atLeast4: 0 }, mean: 0.8, max: 3 },
  });
});

test('one segment, one department', async () => {
  const people = await seedPeople(api.database.db, 6);
  await api.database.db
    .app`update profiles set attributes = '{"tier": "gold"}' where id = any(${people.slice(0, 2)}::bigint[])`;
  await putLiveSegment(api, 'gold', { attribute: 'tier', op: 'eq', value: 'gold' });
  await api.call('POST', '/v1/contacts', {
    body: [
      contact(people[0] ?? 0, 1, '1'),
      contact(people[5] ?? 0, 1, '2'),
      contact(people[5] ?? 0, 1, '3', { department: 'press' }),
    ],
  });
  const gold = (await calendar({ segment: 'gold' })).json();
  expect(gold.days).toMatchObject([{ department: 'sales', sent: 1 }]);
  expect(gold.pressure.segment.before).toMatchObject({ people: 2, histogram: { none: 1, one: 1 } });
  expect(gold.pressure.overall.before).toMatchObject({ people: 6, histogram: { none: 4, one: 1, two: 1 } });
  expect((await calendar({ department: 'press' })).json().days).toMatchObject([
    { department: 'press', sent: 1 },
  ]);
  expect((await calendar({ segment: 'none' })).json()).toMatchObject({
    status: 422,
    code: 'segment-unknown',
    faults: [{ path: '/query/segment' }],
  });
  expect((await calendar({ from: '2026-01-02', to: '2026-01-01' })).statusCode).toBe(400);
});

test('control people get nothing, a follow-up comes after its own delay, a deferred message when it may', async () => {
  const people = await seedPeople(api.database.db, 4);
  const [a = 0, b = 0] = people;
  await openCampaign('ccalendar222', people, 'crm', {
    arms: [
      { key: 'a', label: 'A', weight: 1 },
      { key: 'nothing', label: 'Rien', weight: 1, control: true },
    ],
    steps: [{ key: 'relance', when: 'not-clicked', afterSeconds: 3 * 86_400, content: {} }],
  });
  const { app } = api.database.db;
  await app`update audience_members set arm = 'nothing' where profile_id = any(${people.slice(2)}::bigint[])`;
  await app`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, reason, not_before, settled_at)
    values ('ccalendar222', 'first', ${a}, 'w', 'a', 'habitues', 'email', 'accepted', null, null, now() - interval '1 day'),
      ('ccalendar222', 'first', ${b}, 'w', 'a', 'habitues', 'email', 'planned', 'arbitration:cwinner11111', now() + interval '9 days', null)`;
  const found = (await calendar()).json();
  const planned = found.days.map((row: { day: string; planned: number }) => [row.day, row.planned]);
  expect(planned).toEqual([
    [parisDay(Date.now() + 2 * DAY_MS), 1],
    [parisDay(Date.now() + 9 * DAY_MS), 1],
    [parisDay(Date.now() + 12 * DAY_MS), 1],
  ]);
  expect(found.heldBack).toEqual([
    {
      campaignId: 'ccalendar222',
      campaign: 'Graines',
      department: 'crm',
      step: 'first',
      reason: 'arbitration:cwinner11111',
      rival: 'cwinner11111',
      deferred: 1,
      lost: 0,
    },
  ]);
  await app`
    update deliveries set state = 'skipped', reason = 'yielded:cwinner11111', not_before = null, settled_at = now()
    where campaign_id = 'ccalendar222' and state = 'planned'`;
  expect((await calendar()).json().heldBack).toMatchObject([
    { reason: 'yielded:cwinner11111', rival: 'cwinner11111', deferred: 0, lost: 1 },
  ]);
});

test('starts to come are told with the people they would write to', async () => {
  await prepareScenario(api);
  for (const n of [1, 2, 3])
    await api.call('POST', '/v1/profiles', { body: { customerKey: `s-${n}`, attributes: { age: 10 * n } } });
  const at = new Date(Date.now() + 5 * DAY_MS);
  await api.call('POST', '/v1/campaigns', { body: { scenario: 'automne', start: { at: at.toISOString() } } });
  const rhythm = await api.call('POST', '/v1/campaigns', {
    body: { scenario: 'automne', start: { cron: '0 9 * * MON', timezone: 'Europe/Paris' } },
  });
  const monday = new Date(Date.now() + 2 * DAY_MS);
  api.temporal.firingTimes.set(rhythm.json().scheduleId, [monday, new Date(Date.now() + 90 * DAY_MS)]);
  const { scheduled } = (await calendar()).json();
  expect(scheduled).toMatchObject([
    { scenario: 'automne', department: 'crm', at: monday.toISOString(), people: 2 },
    { scenario: 'automne', people: 2 },
  ]);
  expect((await calendar({ department: 'press' })).json().scheduled).toEqual([]);
});

test('one person: contacts, what is planned, and each cap that holds them', async () => {
  await withCap();
  await putLiveSegment(api, 'gold', { attribute: 'tier', op: 'eq', value: 'gold' });
  await api.call('PUT', '/v1/policies/cap/gold', {
    as: 'admin',
    body: { nature: 'promotion', segment: 'gold', limit: 1, windowDays: 90 },
  });
  const people = await seedPeople(api.database.db, 2);
  const [a = 0] = people;
  await openCampaign('ccalendar333', people);
  await api.call('POST', '/v1/contacts', {
    body: [contact(a, 1, '1'), contact(a, 16, '2'), contact(a, 1, '3', { nature: 'service' })],
  });
  const found = (await api.call('GET', `/v1/profiles/${a}/pressure`, { as: 'viewer' })).json();
  expect(found).toMatchObject({
    profileId: a,
    timezone: 'Europe/Paris',
    planned: [{ campaignId: 'ccalendar333', step: 'first', nature: 'promotion' }],
    caps: [{ key: 'promo', used: 1, planned: 1 }],
  });
  expect(found.contacts).toHaveLength(3);
  expect((await api.call('GET', '/v1/profiles/987654/pressure')).statusCode).toBe(404);
});
