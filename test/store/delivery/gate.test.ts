import { NATURES, type Nature } from '../../../domain/shared/words';
import { forecastGate } from '../../../store/delivery/forecast';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender, inAnHour } from '../../support/delivery-bench';
import { seedCampaign, seedConsent, seedPeople } from '../../support/seed-campaign';
import { planTestWave } from '../../support/wave';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.close());

const DAY_MS = 86_400_000;

const cap = (key: string, definition: object) =>
  database.db
    .app`insert into policies (kind, key, definition) values ('cap', ${key}, ${database.db.app.json(JSON.parse(JSON.stringify(definition)))})`;

const contact = (
  profileId: number,
  nature: string,
  daysAgo: number,
  more: { channel?: string; department?: string } = {},
) =>
  database.db.app`
    insert into contacts (profile_id, at, nature, channel, department, source)
    values (${profileId}, ${new Date(Date.now() - daysAgo * DAY_MS)}, ${nature}, ${more.channel ?? 'email'}, ${more.department ?? 'crm'}, 'other')`;

/** What the gate said to each person, `sent` where it allowed them. */
async function gateSays(
  nature: Nature,
  people: readonly number[],
  options: { consent?: boolean; deadlineAt?: string } = {},
) {
  const campaign = await seedCampaign(database.db, { people, nature, consent: options.consent ?? false });
  const { activities } = deliveryBench(database.db, campaign, fakeSender());
  const wave = await planTestWave(activities, campaign);
  await wave.run(options.deadlineAt);
  const rows = await database.db.app<
    {
      profile_id: number;
      state: string;
      reason: string | null;
      not_before: Date | null;
      consent_event_id: number | null;
    }[]
  >`
    select profile_id, state, reason, not_before, consent_event_id from deliveries where campaign_id = ${campaign.campaignId} order by profile_id`;
  return rows;
}

const verdicts = (rows: Awaited<ReturnType<typeof gateSays>>): string[] =>
  rows.map((row) => (row.state === 'accepted' ? 'sent' : `${row.state} ${row.reason ?? ''}`));

/** Seven people, by what they said about a purpose. */
async function cast(purpose: string): Promise<number[]> {
  const people = await seedPeople(database.db, 6);
  const [granted, expired, refused, , suppressed, unreachable] = people;
  await seedConsent(database.db, [granted, suppressed, unreachable].map(Number), purpose);
  await seedConsent(database.db, [Number(expired)], purpose, true, new Date(Date.now() - 1_000));
  await seedConsent(database.db, [Number(refused)], purpose, false);
  await database.db
    .app`insert into suppressions (fingerprint, reason) select email_fp, 'hard-bounce' from profiles where id = ${Number(suppressed)}`;
  await database.db.app`update profiles set email_fp = null where id = ${Number(unreachable)}`;
  return people;
}

describe('who may be written to, by what the message is', () => {
  // Columns: granted, expired, refused, never asked, suppressed, unreachable.
  const OPT_IN = [
    'sent',
    'skipped consent-expired',
    'skipped no-consent',
    'skipped no-consent',
    'skipped suppressed',
    'skipped unreachable',
  ];
  const TABLE: Record<Nature, string[]> = {
    promotion: OPT_IN,
    newsletter: OPT_IN,
    survey: OPT_IN,
    service: ['sent', 'sent', 'skipped no-consent', 'sent', 'skipped suppressed', 'skipped unreachable'],
    official: ['sent', 'sent', 'sent', 'sent', 'skipped suppressed', 'skipped unreachable'],
  };
  it.each(NATURES)('%s', async (nature) => {
    const people = await cast(nature === 'official' ? 'service' : nature);
    const rows = await gateSays(nature, people);
    expect(verdicts(rows)).toEqual(TABLE[nature]);
    if (nature !== 'official') expect(rows[0]?.consent_event_id).toEqual(expect.any(Number));
  });

  it('reads consent when it sends, not when the audience was frozen', async () => {
    const people = await seedPeople(database.db, 2);
    const campaign = await seedCampaign(database.db, { people });
    await seedConsent(database.db, people.slice(0, 1), 'promotion', false);
    const sender = fakeSender();
    const { activities } = deliveryBench(database.db, campaign, sender);
    await (await planTestWave(activities, campaign)).run();
    expect(sender.handed).toHaveLength(1);
  });

  it("keeps another brand's suppressions apart", async () => {
    const people = await seedPeople(database.db, 2);
    await database.db
      .app`insert into suppressions (fingerprint, scope, reason) select email_fp, case when id = ${people[0] ?? 0} then 'brand:maison-lumen' else 'brand:other' end, 'objection' from profiles`;
    expect(verdicts(await gateSays('promotion', people, { consent: true }))).toEqual([
      'skipped suppressed',
      'sent',
    ]);
  });
});

describe('caps', () => {
  it('put off to the next slot before the deadline, refuse where there is none', async () => {
    await cap('promo', { nature: 'promotion', limit: 1, windowDays: 14 });
    const people = await seedPeople(database.db, 4);
    const [fresh, soon, late, long] = people.map(Number);
    await contact(soon ?? 0, 'promotion', 14 - 0.02);
    await contact(late ?? 0, 'promotion', 3);
    await contact(long ?? 0, 'promotion', 15);
    const rows = await gateSays('promotion', people, { consent: true });
    expect(verdicts(rows)).toEqual(['sent', 'planned cap:promo', 'skipped cap:promo', 'sent']);
    expect(rows[1]?.not_before?.getTime()).toBeCloseTo(Date.now() + 0.02 * DAY_MS, -4);
    expect(fresh).toBe(rows[0]?.profile_id);
  });

  it('count to their limit, and only what they are about', async () => {
    await cap('promo', { nature: 'promotion', channel: 'email', department: 'crm', limit: 2, windowDays: 7 });
    const people = await seedPeople(database.db, 5);
    const [one, two, otherNature, otherChannel, otherDepartment] = people.map(Number);
    await contact(one ?? 0, 'promotion', 1);
    for (const daysAgo of [1, 2]) {
      await contact(two ?? 0, 'promotion', daysAgo);
      await contact(otherNature ?? 0, 'service', daysAgo);
      await contact(otherChannel ?? 0, 'promotion', daysAgo, { channel: 'sms' });
      await contact(otherDepartment ?? 0, 'promotion', daysAgo, { department: 'claims' });
    }
    expect(verdicts(await gateSays('promotion', people, { consent: true }))).toEqual([
      'sent',
      'skipped cap:promo',
      'sent',
      'sent',
      'sent',
    ]);
  });

  it('name the one that holds longest', async () => {
    await cap('week', { nature: 'promotion', limit: 1, windowDays: 7 });
    await cap('month', { nature: 'promotion', limit: 1, windowDays: 30 });
    const people = await seedPeople(database.db, 1);
    await contact(people[0] ?? 0, 'promotion', 2);
    expect(verdicts(await gateSays('promotion', people, { consent: true }))).toEqual(['skipped cap:month']);
  });

  it('do not hold service and official messages, which are counted all the same', async () => {
    await cap('service', { nature: 'service', limit: 1, windowDays: 14 });
    const people = await seedPeople(database.db, 1);
    await contact(people[0] ?? 0, 'service', 1);
    expect(verdicts(await gateSays('service', people))).toEqual(['sent']);
    const [{ n } = { n: 0 }] = await database.db.app<
      { n: number }[]
    >`select count(*) as n from contacts where profile_id = ${people[0] ?? 0}`;
    expect(n).toBe(2);
  });

  it('send a deferred message once its slot is there', async () => {
    await cap('promo', { nature: 'promotion', limit: 1, windowDays: 14 });
    const people = await seedPeople(database.db, 1);
    await contact(people[0] ?? 0, 'promotion', 13.99);
    const campaign = await seedCampaign(database.db, { people });
    const sender = fakeSender();
    const { activities } = deliveryBench(database.db, campaign, sender);
    const wave = await planTestWave(activities, campaign);
    await wave.run();
    expect(sender.handed).toHaveLength(0);
    const { nextAt, open } = await activities.waveCounts(wave.ref);
    expect(open).toBe(1);
    expect(Date.parse(nextAt ?? '')).toBeLessThan(Date.now() + DAY_MS);
    await database.db.app`update contacts set at = at - interval '1 day'`;
    await database.db.app`update deliveries set not_before = now()`;
    await wave.run();
    expect(sender.handed).toHaveLength(1);
  });
});

it('control people meet the same gate and reserve nothing', async () => {
  await cap('promo', { nature: 'promotion', limit: 1, windowDays: 14 });
  const people = await seedPeople(database.db, 5);
  const [, refused, capped, soon, suppressed] = people.map(Number);
  const campaign = await seedCampaign(database.db, {
    people,
    arms: [{ key: 'none', control: true }],
    scenario: {},
  });
  await seedConsent(database.db, [refused ?? 0], 'promotion', false);
  await contact(capped ?? 0, 'promotion', 1);
  await contact(soon ?? 0, 'promotion', 13.99);
  await database.db
    .app`insert into suppressions (fingerprint, reason) select email_fp, 'complaint' from profiles where id = ${suppressed ?? 0}`;
  const { activities } = deliveryBench(database.db, campaign, fakeSender());
  const wave = await planTestWave(activities, campaign);
  expect(wave.planned).toBe(0);
  await wave.run();
  const rows = await database.db.app<{ allowed: boolean; reason: string | null; gated_at: Date }[]>`
    select allowed, reason, gated_at from control_gate order by profile_id`;
  expect(rows.map((row) => [row.allowed, row.reason])).toEqual([
    [true, null],
    [false, 'no-consent'],
    [false, 'cap:promo'],
    [true, 'cap:promo'],
    [false, 'suppressed'],
  ]);
  expect(rows[3]?.gated_at.getTime()).toBeGreaterThan(Date.now() + 60_000);
  const [{ n } = { n: -1 }] = await database.db.app<
    { n: number }[]
  >`select count(*) as n from contacts where campaign_id is not null`;
  expect(n).toBe(0);
});

it('forecasts what the gate would say and writes nothing', async () => {
  const people = await cast('promotion');
  const campaign = await seedCampaign(database.db, { people, consent: false });
  const { store, activities } = deliveryBench(database.db, campaign, fakeSender());
  const wave = await planTestWave(activities, campaign);
  const terms = await store.waveTerms(wave.ref);
  expect(await forecastGate(database.db.app, { ...terms, deadlineAt: new Date(inAnHour()) }, people)).toEqual(
    {
      allowed: [expect.any(Number)],
      skipped: { 'no-consent': 2, 'consent-expired': 1, suppressed: 1, unreachable: 1 },
    },
  );
  const [{ n } = { n: -1 }] = await database.db.app<
    { n: number }[]
  >`select (select count(*) from deliveries) + (select count(*) from contacts) as n`;
  expect(n).toBe(0);
});
