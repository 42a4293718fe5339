import { scenarioSchema, type ScenarioInput } from '../../../domain/campaigns/scenario';
import { createApprovalsStore } from '../../../store/approvals-store';
import { createAudienceStore } from '../../../store/audience-store';
import { createCreativesStore } from '../../../store/creatives-store';
import type { Sql } from '../../../store/db';
import { createIntakeStore } from '../../../store/intake-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { insertPeople, putCampaign, putSegments, scenario } from '../../support/people';

const PEOPLE = 400;
let database: FreshDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await freshDatabase(4);
  sql = database.db.app;
  await putSegments(sql);
  await insertPeople(sql, PEOPLE);
});
afterAll(() => database.close());

let campaigns = 0;
/** Ids of those made here lie behind those made by hand. */
let people = PEOPLE;

/** A frozen, approved campaign of service messages: nobody is held out and no consent has to be asked. */
async function frozen(change: Partial<ScenarioInput>): Promise<string> {
  const whole = scenario({ nature: 'service', arms: [{ key: 'a', label: 'A', weight: 1 }], ...change });
  delete whole.pilot;
  delete whole.experiment;
  campaigns += 1;
  const id = `ci${campaigns}`;
  await putCampaign(sql, id, scenarioSchema.parse(whole));
  await createAudienceStore(database.db).freeze(id);
  for (const persona of ['gold', 'young'])
    await sql`
      insert into creatives (campaign_id, step, persona, arm, channel, locale, hash, subject, preheader, html, text, hero, links, status)
      values (${id}, 'first', ${persona}, 'a', 'email', 'fr', ${persona}, 's', 'p', 'h', 't', 'hero', '[]', 'passed')`;
  const approvals = createApprovalsStore(sql);
  const approval = await approvals.request({ campaignId: id, subjectHash: 'h', deadlineSeconds: 60 });
  await approvals.close(approval?.id ?? '', 'approved');
  return id;
}

/** Somebody new whom the segment and the persona `gold` match, if `spends`. */
async function newPerson(spends = true): Promise<number> {
  people += 1;
  await sql`
    insert into profiles (id, area, attributes, email_fp, source) overriding system value
    values (${people}, '75', ${JSON.stringify({ spend_cents: spends ? 100 : 0, tier: 'gold', age: 30 })}::text::jsonb,
      sha256(random()::text::bytea), 'test')`;
  return people;
}

const spend = (id: number, cents: number) =>
  sql`update profiles set attributes = attributes || jsonb_build_object('spend_cents', ${cents}::int) where id = ${id}`;

const isMember = async (campaign: string, profile: number): Promise<boolean> => {
  const rows =
    await sql`select 1 from audience_members where campaign_id = ${campaign} and profile_id = ${profile}`;
  return rows.length > 0;
};

describe('an open intake', () => {
  it('lets who came to match into the roll-out, once, and counts them', async () => {
    const id = await frozen({ intake: 'open' });
    const intake = createIntakeStore(sql);
    const before = (await intake.takeIn(id)).audience;
    const came = await newPerson();
    const { audience, approvedMembers } = await intake.takeIn(id);
    expect(audience.members).toBe(before.members + 1);
    expect(audience.parts.rollout).toBe(before.parts.rollout + 1);
    expect(audience.personas['gold']).toBe((before.personas['gold'] ?? 0) + 1);
    expect(approvedMembers).toBe(before.members);
    expect(await isMember(id, came)).toBe(true);
    expect((await intake.takeIn(id)).audience).toEqual(audience);
  });

  it('is the approved audience still within its tolerance, and another one beyond it', async () => {
    const id = await frozen({ intake: 'open', approval: { tolerance: 0.01 } });
    const creatives = createCreativesStore(sql);
    const approved = await creatives.approvalSubject(id);
    await newPerson();
    await createIntakeStore(sql).takeIn(id);
    expect(await creatives.approvalSubject(id)).toEqual(approved);
    for (let i = 0; i < 20; i += 1) await newPerson();
    await createIntakeStore(sql).takeIn(id);
    expect((await creatives.approvalSubject(id))?.members).toBe((approved?.members ?? 0) + 21);
  });
});

describe('a continuous campaign', () => {
  const continuous = { periodSeconds: 3_600, everySeconds: 1 };

  it('begins with nobody; who was there already has not entered', async () => {
    const inside = await newPerson();
    const id = await frozen({ kind: 'continuous', continuous });
    expect((await createAudienceStore(database.db).counts(id))?.members).toBe(0);
    expect(await createIntakeStore(sql).enterPeople(id)).toEqual({ entered: 0, more: false });
    expect(await isMember(id, inside)).toBe(false);
  });

  it('takes in who enters, once, plans them and owes them each step', async () => {
    const id = await frozen({ kind: 'continuous', continuous });
    const intake = createIntakeStore(sql);
    await sql`insert into waves (campaign_id, step, wave, part, planned) values (${id}, 'first', 'entries', 'rollout', 0), (${id}, 'reminder', 'reminder.entries', 'rollout', 0)`;
    const later = await newPerson(false);
    const now = await newPerson();
    expect(await intake.enterPeople(id)).toEqual({ entered: 1, more: false });
    await spend(later, 500);
    expect(await intake.enterPeople(id)).toEqual({ entered: 1, more: false });
    expect(await intake.enterPeople(id)).toEqual({ entered: 0, more: false });
    expect([await isMember(id, now), await isMember(id, later)]).toEqual([true, true]);
    const [wave] = await sql`select planned from waves where campaign_id = ${id}`;
    expect(wave).toMatchObject({ planned: 2 });
    const owed = await sql`
      select step, profile_id from entry_messages where campaign_id = ${id} and settled_at is null order by step, profile_id`;
    expect(owed.map((row) => [row['step'], row['profile_id']])).toEqual([
      ['first', later],
      ['first', now],
      ['reminder', later],
      ['reminder', now],
    ]);
  });

  it('takes in those inside at once where the scenario says so', async () => {
    const inside = await newPerson();
    const id = await frozen({ kind: 'continuous', continuous: { ...continuous, existing: 'enter' } });
    expect((await createIntakeStore(sql).enterPeople(id)).entered).toBeGreaterThan(100);
    expect(await isMember(id, inside)).toBe(true);
  });

  it.each([
    ['never again', null, 400, false],
    ['too early', 30, 29, false],
    ['after the days of its rule', 30, 31, true],
  ])('re-entry in a later period: %s', async (_, reentryDays, daysAgo, again) => {
    const rule = { ...continuous, reentryDays };
    const earlier = await frozen({ kind: 'continuous', continuous: rule });
    const person = await newPerson();
    await createIntakeStore(sql).enterPeople(earlier);
    expect(await isMember(earlier, person)).toBe(true);
    await sql`update continuous_entries set at = now() - make_interval(days => ${daysAgo}::int) where campaign_id = ${earlier}`;
    await spend(person, 0);
    const next = await frozen({ kind: 'continuous', continuous: rule });
    const intake = createIntakeStore(sql);
    await intake.enterPeople(next);
    await spend(person, 100);
    await intake.enterPeople(next);
    expect(await isMember(next, person)).toBe(again);
  });

  it('takes in a part of many who come at once, and says that there are more', async () => {
    const id = await frozen({ kind: 'continuous', continuous });
    const came: number[] = [];
    for (let i = 0; i < 5; i += 1) came.push(await newPerson());
    const intake = createIntakeStore(sql, 3);
    expect(await intake.enterPeople(id)).toEqual({ entered: 3, more: true });
    expect(await Promise.all(came.map((one) => isMember(id, one)))).toEqual([true, true, true, false, false]);
    expect(await intake.enterPeople(id)).toEqual({ entered: 2, more: false });
    expect(await isMember(id, came[4] ?? 0)).toBe(true);
    expect(await intake.enterPeople(id)).toEqual({ entered: 0, more: false });
  });

  it('two rounds at once take nobody in twice', async () => {
    const id = await frozen({ kind: 'continuous', continuous });
    for (let i = 0; i < 5; i += 1) await newPerson();
    const intake = createIntakeStore(sql);
    const rounds = await Promise.all([1, 2, 3].map(() => intake.enterPeople(id)));
    expect(rounds.reduce((sum, round) => sum + round.entered, 0)).toBe(5);
  });
});
