import { scenarioSchema, type Scenario, type ScenarioInput } from '../../../domain/campaigns/scenario';
import { matches } from '../../../domain/segments/predicate';
import { auditActivity } from '../../../activities/campaigns/audit';
import { dealStratified } from '../../../domain/experiments/assign';
import { assignmentHash } from '../../../store/assignment';
import { createCampaignsStore } from '../../../store/campaigns-store';
import { createAudienceStore } from '../../../store/audience-store';
import type { Sql } from '../../../store/db';
import { ruleOf } from '../../../store/segments/live-rules';
import { resolveRule } from '../../../domain/segments/resolve';
import { NOBODY } from '../../support/rules';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { insertPeople, putCampaign, putSegments, scenario } from '../../support/people';

const PEOPLE = 8_000;
let database: FreshDatabase;
let sql: Sql;

beforeAll(async () => {
  database = await freshDatabase(4);
  sql = database.db.app;
  await putSegments(sql);
  await insertPeople(sql, PEOPLE);
});
afterAll(() => database.close());

interface Member {
  readonly id: number;
  readonly part: string;
  readonly arm: string | null;
  readonly persona: string;
  readonly bucket: number;
}

const membersOf = async (from: Sql, campaign: string): Promise<Member[]> =>
  (
    await from<Member[]>`
    select profile_id as id, part, arm, persona, bucket from audience_members where campaign_id = ${campaign} order by profile_id`
  ).map((m) => ({ ...m }));

/** Of thousands of members, the first that is not where it should be. */
function firstDifference(got: readonly Member[], want: readonly Member[]): object | null {
  const at = Array.from({ length: Math.max(got.length, want.length) }, (_, i) => i).find(
    (i) => JSON.stringify(got[i]) !== JSON.stringify(want[i]),
  );
  return at === undefined ? null : { at, got: got[at], want: want[at] };
}

interface Person {
  id: number;
  area: string | null;
  market: string;
  locale: string;
  attributes: Record<string, string | number>;
  reachable: boolean;
  suppressed: boolean;
  granted: boolean | null;
  expired: boolean | null;
  doubtful: string[];
}

/** The freeze worked out person by person, in memory: what the one statement must say. */
async function expected(
  definition: Scenario,
  seed: string,
): Promise<{ members: Member[]; excluded: Record<string, number>; holdout: number; matched: number }> {
  const people = await sql<Person[]>`
    select p.id, area, market, locale, attributes, email_fp is not null as reachable, granted, expires_at < now() as expired, doubtful,
      exists (select from suppressions s where s.fingerprint = email_fp and scope in ('global', 'brand:maison')) as suppressed
    from profiles p left join consent_state c on c.profile_id = p.id and purpose = 'promotion' and channel = 'email' order by p.id`;
  const rules = new Map(
    (await sql<{ key: string; rule: unknown }[]>`select key, rule from segments`).map((r) => [
      r.key,
      resolveRule(ruleOf(r.rule), { liveRules: new Map(), means: new Map() }),
    ]),
  );
  const holds = (key: string, p: Person): boolean =>
    matches(rules.get(key) ?? { not: { everyone: true } }, { ...NOBODY, ...p, reachable: [] }, Date.now());
  const needsConsent = definition.nature === 'promotion';
  const reason = (p: Person, persona: string | undefined): string | null => {
    if (!p.reachable) return 'unreachable';
    if (p.suppressed) return 'suppressed';
    if (needsConsent && p.granted !== true) return 'no-consent';
    if (needsConsent && p.expired === true) return 'consent-expired';
    if (p.doubtful.includes('email')) return 'doubtful';
    if (persona === undefined) return 'no-persona';
    const { holdout } = definition.audience;
    return needsConsent && holdout !== undefined && assignmentHash(holdout.salt, p.id) < holdout.share
      ? 'holdout'
      : null;
  };
  const excluded: Record<string, number> = {};
  const eligible: (Person & { persona: string })[] = [];
  let holdout = 0;
  let matched = 0;
  for (const p of people.filter((one) => holds('buyers', one))) {
    matched += 1;
    const persona =
      definition.audience.personas.find((key) => holds(key, p)) ?? definition.audience.fallbackPersona;
    const why = reason(p, persona);
    if (why === 'holdout') holdout += 1;
    else if (why !== null) excluded[why] = (excluded[why] ?? 0) + 1;
    else eligible.push({ ...p, persona: persona ?? '' });
  }
  const { pilot, experiment } = definition;
  const inArea = eligible
    .filter((p) => pilot !== undefined && p.area === pilot.area)
    .sort((a, b) => assignmentHash(`${seed}.part`, a.id) - assignmentHash(`${seed}.part`, b.id));
  const chosen = new Set(inArea.slice(0, pilot?.maxPeople).map((p) => p.id));
  const total = definition.arms.reduce((sum, arm) => sum + arm.weight, 0);
  const members = eligible.map((p): Member => {
    const here = inArea.some((one) => one.id === p.id);
    const tested = experiment !== undefined && assignmentHash(`${seed}.part`, p.id) < experiment.testShare;
    const part = here ? (chosen.has(p.id) ? 'pilot' : 'rollout') : tested ? 'test' : 'rollout';
    let upper = 0;
    const hash = assignmentHash(`${seed}.arm`, p.id);
    const arm = definition.arms.find((one) => hash < (upper += one.weight) / total)?.key ?? '';
    return {
      id: p.id,
      part,
      arm: part === 'rollout' || experiment === undefined ? null : arm,
      persona: p.persona,
      bucket: Math.floor(assignmentHash(`${seed}.bucket`, p.id) * 10_000),
    };
  });
  const stratifyBy = experiment?.stratifyBy;
  if (stratifyBy === undefined) return { members, excluded, holdout, matched };
  const units = eligible.map((p) => {
    const values = { ...p.attributes, ...p };
    const stratum = stratifyBy.map((name) => JSON.stringify(values[name as keyof typeof values] ?? null));
    // As PostgreSQL writes an array.
    return { id: String(p.id), stratum: `[${stratum.join(', ')}]` };
  });
  const dealt = dealStratified(
    units.filter((_, i) => members[i]?.part === 'test'),
    definition.arms,
    (one) => assignmentHash(`${seed}.arm`, one),
  );
  const inStrata = members.map((m) => ({ ...m, arm: dealt.get(String(m.id)) ?? m.arm }));
  return { members: inStrata, excluded, holdout, matched };
}

const without = (keys: readonly (keyof ScenarioInput)[]): ScenarioInput => {
  const whole = scenario();
  for (const key of keys) delete whole[key];
  return whole;
};

const CASES: [string, ScenarioInput][] = [
  ['pilot, test and holdout', scenario()],
  ['a limited pilot', scenario({ pilot: { area: '69', maxPeople: 100, observeSeconds: 1 } })],
  [
    'a limited pilot without a test',
    { ...without(['experiment']), pilot: { area: '69', maxPeople: 7, observeSeconds: 1 } },
  ],
  ['neither pilot nor test', without(['pilot', 'experiment'])],
  [
    'a fallback persona, another order, no holdout',
    scenario({ audience: { segment: 'buyers', personas: ['young'], fallbackPersona: 'gold' } }),
  ],
  ['an official notice', scenario({ nature: 'official' })],
  [
    'a stratified test',
    scenario({ experiment: { testShare: 0.5, stratifyBy: ['area', 'tier', 'persona'] } }),
  ],
  [
    'a stratified test and a limited pilot',
    scenario({
      pilot: { area: '69', maxPeople: 100, observeSeconds: 1 },
      experiment: { testShare: 0.3, stratifyBy: ['age', 'nowhere'] },
    }),
  ],
  ['everybody in the test', { ...without(['pilot']), experiment: { testShare: 1 } }],
];

test.each(CASES)('%s: the statement says what the rules say, person by person', async (name, input) => {
  const definition = scenarioSchema.parse(input);
  const id = `c${CASES.findIndex(([n]) => n === name)}`;
  await putCampaign(sql, id, definition);
  const counts = await createAudienceStore(database.db).freeze(id);
  const want = await expected(definition, 'seed');
  expect(counts.excluded).toEqual(want.excluded);
  expect(counts).toMatchObject({
    matched: want.matched,
    holdout: want.holdout,
    members: want.members.length,
  });
  const got = await membersOf(sql, id);
  expect(firstDifference(got, want.members)).toBeNull();
  const sum = (record: Readonly<Record<string, number>>): number =>
    Object.values(record).reduce((a, b) => a + b, 0);
  expect(counts.matched).toBe(counts.members + counts.holdout + sum(counts.excluded));
  expect(counts.members).toBe(sum(counts.parts));
  expect(counts.members).toBe(sum(counts.personas));
  expect(sum(counts.arms)).toBe(
    definition.experiment === undefined ? 0 : counts.parts.pilot + counts.parts.test,
  );
  for (const [arm, n] of Object.entries(counts.arms))
    expect(got.filter((m) => m.arm === arm)).toHaveLength(n);
});

test('every reason, part and arm occurs in these people', async () => {
  const counts = await createAudienceStore(database.db).freeze('c0');
  expect(Object.keys(counts.excluded).sort()).toEqual([
    'consent-expired',
    'doubtful',
    'no-consent',
    'no-persona',
    'suppressed',
    'unreachable',
  ]);
  expect(Object.keys(counts.arms).sort()).toEqual(['a', 'b', 'control']);
  expect(Math.min(...Object.values(counts.parts), counts.holdout)).toBeGreaterThan(50);
});

test('a second freeze, and two at once, answer what is stored', async () => {
  const audiences = createAudienceStore(database.db);
  await putCampaign(sql, 'twice', scenarioSchema.parse(scenario()));
  const [first, second] = await Promise.all([audiences.freeze('twice'), audiences.freeze('twice')]);
  await sql`update profiles set email_fp = null where id < 100`;
  expect(second).toEqual(first);
  expect(await audiences.freeze('twice')).toEqual(first);
  expect(await audiences.counts('twice')).toEqual(first);
  expect(await membersOf(sql, 'twice')).toHaveLength(first.members);
  const [bound] = await sql<
    { segment_version: number; matrix_version: number }[]
  >`select segment_version, matrix_version from campaigns where id = 'twice'`;
  expect({ ...bound }).toEqual({ segment_version: 1, matrix_version: 1 });
  await sql`update profiles set email_fp = decode(lpad(to_hex(id), 64, '0'), 'hex') where id < 100 and mod(abs(hashint8(id + 4)), 20) > 0`;
});

test('the order people came in and the plan change nothing; another seed does', async () => {
  const other = await freshDatabase(4);
  try {
    await putSegments(other.db.app);
    await insertPeople(other.db.app, PEOPLE, true);
    await putCampaign(other.db.app, 'c0', scenarioSchema.parse(scenario()));
    await putCampaign(other.db.app, 'seeded', scenarioSchema.parse(scenario()), 'another');
    const audiences = createAudienceStore(other.db);
    await audiences.freeze('c0');
    await audiences.freeze('seeded');
    const here = await membersOf(sql, 'c0');
    expect(firstDifference(await membersOf(other.db.app, 'c0'), here)).toBeNull();
    const seeded = await membersOf(other.db.app, 'seeded');
    expect(seeded.map((m) => m.id)).toEqual(here.map((m) => m.id));
    expect(seeded.map((m) => m.part)).not.toEqual(here.map((m) => m.part));
  } finally {
    await other.close();
  }
});

test('two connections on one snapshot freeze the same, over what a failed attempt left', async () => {
  const never = -1; // What PostgreSQL estimates of a table nobody has analysed.
  const audiences = createAudienceStore(database.db, never);
  await putCampaign(sql, 'lanes', scenarioSchema.parse(scenario()));
  await sql`
    insert into audience_members (campaign_id, profile_id, part, arm, persona, bucket)
    values ('lanes', 1, 'test', 'a', 'gold', 1), ('lanes', ${PEOPLE}, 'rollout', null, 'gold', 1), ('lanes', 999999, 'test', 'b', 'gold', 1)`;
  const [first, second] = await Promise.all([
    audiences.freeze('lanes'),
    createAudienceStore(database.db, never).freeze('lanes'),
  ]);
  expect(first).toEqual(await audiences.counts('c0'));
  expect(second).toEqual(first);
  expect(firstDifference(await membersOf(sql, 'lanes'), await membersOf(sql, 'c0'))).toBeNull();
});

test('a forecast counts the same and writes nothing', async () => {
  const definition = scenarioSchema.parse(scenario());
  const audiences = createAudienceStore(database.db);
  const forecast = await audiences.forecast(definition, 'seed');
  await putCampaign(sql, 'after', definition);
  const before = await sql`select count(*) as n from audience_members`;
  expect(await audiences.forecast(definition, 'seed')).toEqual(forecast);
  expect(await sql`select count(*) as n from audience_members`).toEqual(before);
  expect(forecast.counts).toEqual(await audiences.freeze('after'));
  expect(forecast.samples).toHaveLength(10);
  const members = await membersOf(sql, 'after');
  for (const s of forecast.samples)
    expect(members).toContainEqual(
      expect.objectContaining({ id: s.profileId, part: s.part, arm: s.arm, persona: s.persona }),
    );
  expect(forecast.pairs.map((p) => `${p.persona} ${p.arm}`).sort()).toEqual([
    'gold a',
    'gold b',
    'young a',
    'young b',
  ]);
});

test('what cannot be frozen says why', async () => {
  const audiences = createAudienceStore(database.db);
  await expect(audiences.freeze('nobody')).rejects.toMatchObject({ code: 'not-found' });
  await putCampaign(
    sql,
    'ghost',
    scenarioSchema.parse(scenario({ audience: { segment: 'ghosts', personas: ['gold'] } })),
  );
  await expect(audiences.freeze('ghost')).rejects.toMatchObject({ code: 'segment-unknown' });
  await putCampaign(
    sql,
    'matrixless',
    scenarioSchema.parse(scenario({ audience: { segment: 'buyers', personas: ['gold', 'buyers'] } })),
  );
  await expect(audiences.freeze('matrixless')).rejects.toMatchObject({
    code: 'scenario-invalid',
    faults: [{ path: '/audience/personas/1', message: 'buyers is not in the persona matrix' }],
  });
  expect(await membersOf(sql, 'matrixless')).toEqual([]);
});

test('the audit names what the rules read, what the test is stratified by, and what the policy refuses', async () => {
  const policy = {
    version: 1,
    reviewedBy: 'dpo',
    reviewedOn: '2026-01-01',
    allowed: ['age', 'spend_cents'],
    sensitive: [],
  };
  const { auditAudience } = auditActivity(
    { audiences: createAudienceStore(database.db), campaigns: createCampaignsStore(database.db.app) },
    policy,
  );
  expect(await auditAudience({ campaignId: 'c0' })).toEqual({
    used: ['age', 'spend_cents', 'tier'],
    refused: ['tier'],
    tooSmall: expect.stringContaining('about 192 people would be in its smallest arm'),
  });
  const stratifyBy = ['area', 'persona', 'tier'];
  const stratified = scenarioSchema.parse(scenario({ experiment: { testShare: 0.3, stratifyBy } }));
  await putCampaign(sql, 'stratified', stratified);
  expect(await auditAudience({ campaignId: 'stratified' })).toMatchObject({
    used: ['age', 'area', 'spend_cents', 'tier'],
    refused: ['area', 'tier'],
  });
});
