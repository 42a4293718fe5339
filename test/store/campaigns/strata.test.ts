import fc from 'fast-check';
import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { dealStratified, type DealtArm } from '../../../domain/experiments/assign';
import { assignmentHash } from '../../../store/assignment';
import { remakeAudience } from '../../../store/audience-remake';
import { createAudienceStore } from '../../../store/audience-store';
import type { Sql } from '../../../store/db';
import { createExplainStore } from '../../../store/explain-store';
import { createIntakeStore } from '../../../store/intake-store';
import { dealtSql } from '../../../store/strata-sql';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { insertPeople, putCampaign, putSegments, scenario } from '../../support/people';

const PEOPLE = 6_000;
let database: FreshDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await freshDatabase(4);
  sql = database.db.app;
  await putSegments(sql);
  await insertPeople(sql, PEOPLE);
  await sql`update profiles set derived = jsonb_build_object('value_tier', (array['high', 'mid', 'low'])[1 + mod(id, 3)])`;
});
afterAll(() => database.close());

const weight = fc.oneof(
  fc.integer({ min: 1, max: 12 }),
  fc.double({ min: 0.001, max: 1_000, noNaN: true }),
  fc.constantFrom(0.1, 0.2, 1 / 3),
);
/** Of small whole weights, small strata can give some arms their exact share and leave others over. */
const weightsOfArms = fc.oneof(
  fc.array(weight, { minLength: 1, maxLength: 10 }),
  fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 6 }),
);
const few = fc.integer({ min: 0, max: 40 }).map(String);
/** Strata that differ in no more than JavaScript and PostgreSQL order differently, among others. */
const stratum = fc.oneof(
  fc.constantFrom('', 'a', 'B', 'é', '\u{1f600}', '\uffee', '["75", null]', '["75", "null"]'),
  fc.string({ unit: 'grapheme', maxLength: 3 }).filter((text) => !/[\u0000\p{Cs}]/u.test(text)),
);

test('the statement deals every person what the function deals them, whatever the weights and strata', async () => {
  await fc.assert(
    fc.asyncProperty(
      weightsOfArms,
      fc.oneof(
        fc.array(stratum, { minLength: 1, maxLength: 120 }),
        fc.array(few, { minLength: 60, maxLength: 150 }),
      ),
      fc.string({ maxLength: 5 }).filter((text) => !text.includes('\u0000')),
      async (weights, strata, salt) => {
        const arms: DealtArm[] = weights.map((one, i) => ({ key: `arm ${i}`, weight: one }));
        const units = strata.map((one, i) => ({ id: String(i * 7919), stratum: one }));
        const rows = await sql<{ id: number; arm: string }[]>`
          with parted as (
            select id::bigint, 'test' as part, 'p' as persona, null::bytea as bucket_digest, stratum
            from unnest(${units.map(({ id }) => id)}::text[], ${strata}::text[]) u (id, stratum)
          ), ${dealtSql(sql, arms, salt)} select id, arm from dealt`;
        const want = dealStratified(units, arms, (id) => assignmentHash(salt, id));
        expect(new Map(rows.map(({ id, arm }) => [String(id), arm]))).toEqual(new Map(want));
      },
    ),
    { numRuns: 400 },
  );
});

interface Dealt {
  readonly id: number;
  readonly arm: string;
  readonly stratum: string;
}

const dealtOf = async (campaign: string): Promise<Dealt[]> =>
  (
    await sql<Dealt[]>`
      select m.profile_id as id, m.arm, p.area || ' ' || (p.derived ->> 'value_tier') as stratum
      from audience_members m join profiles p on p.id = m.profile_id
      where m.campaign_id = ${campaign} and m.part = 'test' order by m.profile_id`
  ).map((row) => ({ ...row }));

const furthest = (people: readonly Dealt[], arms: readonly DealtArm[]): number => {
  const total = arms.reduce((sum, arm) => sum + arm.weight, 0);
  return Math.max(
    ...arms.map((arm) =>
      Math.abs(people.filter((p) => p.arm === arm.key).length - (people.length * arm.weight) / total),
    ),
  );
};

const stratified = scenarioSchema.parse(
  scenario({
    pilot: undefined,
    intake: 'open',
    experiment: { testShare: 0.4, stratifyBy: ['area', 'value_tier'] },
  }),
);

test('a freeze deals each area and value tier alike; by hash alone they would not be', async () => {
  await putCampaign(sql, 'dealt', stratified);
  await putCampaign(sql, 'hashed', { ...stratified, experiment: { testShare: 0.4 } });
  const audiences = createAudienceStore(database.db);
  const counts = await audiences.freeze('dealt');
  await audiences.freeze('hashed');
  const dealt = await dealtOf('dealt');
  const hashed = await dealtOf('hashed');
  expect(dealt.map(({ id }) => id)).toEqual(hashed.map(({ id }) => id));
  expect(dealt).toHaveLength(counts.parts.test);
  const names = [...new Set(dealt.map((p) => p.stratum))];
  expect(names).toHaveLength(15);
  const within = (people: readonly Dealt[]): number[] =>
    names.map((name) =>
      furthest(
        people.filter((p) => p.stratum === name),
        stratified.arms,
      ),
    );
  expect(Math.max(...within(dealt))).toBeLessThan(1);
  expect(furthest(dealt, stratified.arms)).toBeLessThan(1);
  expect(Math.max(...within(hashed))).toBeGreaterThan(3);
});

test('an explanation says among whom somebody of the test was dealt, and of the roll-out nothing of it', async () => {
  const words = async (part: string): Promise<string | undefined> => {
    const [row] = await sql<{ id: number }[]>`
      select profile_id as id from audience_members where campaign_id = 'dealt' and part = ${part} limit 1`;
    const { statements } = await createExplainStore(sql).of('dealt', row?.id ?? 0);
    return statements.find(({ code }) => code === 'in-audience')?.words;
  };
  const dealt = 'dealt in the order of the hash among those alike in area, value_tier';
  expect(await words('test')).toContain(dealt);
  expect(await words('rollout')).not.toContain(dealt);
});

test('it is made again from what was kept; who joins later changes nobody, and has no arm of the test', async () => {
  const members = await createAudienceStore(database.db).counts('dealt');
  const remade = await remakeAudience(sql, 'dealt');
  expect(remade).toMatchObject({ same: members?.members, moved: 0, gone: 0, come: 0 });

  const before = await dealtOf('dealt');
  await sql`
    insert into profiles (id, area, attributes, derived, email_fp, source) overriding system value
    select id + 100000, area, attributes, derived, sha256(id::text::bytea), 'test' from profiles where id <= 900`;
  await sql`
    insert into consent_state (profile_id, purpose, channel, granted, event_id, at)
    select id, 'promotion', 'email', true, id, now() from profiles where id > 100000`;
  await sql`
    insert into creatives (campaign_id, step, persona, arm, channel, locale, hash, subject, preheader, html, text, hero, links, status)
    select 'dealt', 'first', persona, 'a', 'email', 'fr', persona, 's', 'p', 'h', 't', 'hero', '[]', 'passed'
    from unnest(array['gold', 'young']) persona`;
  const joined = await createIntakeStore(sql).takeIn('dealt');
  expect(joined.audience.members).toBeGreaterThan((members?.members ?? 0) + 300);
  expect(await dealtOf('dealt')).toEqual(before);
  const [late] = await sql<{ parts: string[]; arms: number }[]>`
    select array_agg(distinct part) as parts, count(arm) as arms from audience_members
    where campaign_id = 'dealt' and profile_id > 100000`;
  expect({ ...late }).toEqual({ parts: ['rollout'], arms: 0 });
});
