import postgres from 'postgres';
import type { AudienceCounts } from '../domain/campaigns/audience';
import type { Scenario } from '../domain/campaigns/scenario';
import type { ResolvedRule } from '../domain/segments/rule';
import { BoucleError } from '../domain/shared/errors';
import { analyze } from './analyze';
import { audienceCounts } from './audience-counts';
import {
  definitionHash,
  loadDefinition,
  readMadeOfStored,
  readScenario,
  UNBOUND,
  type Bound,
  type LoadedDefinition,
} from './audience-definition';
import { runLanes, TWO_LANES_FROM } from './audience-lanes';
import { noteForecast } from './audience-forecast';
import { consideredSql, type AudienceDefinition, type IdRange } from './audience-sql';
import type { Db, Tx } from './db';
import { pastTraffic, type PastTraffic } from './past-traffic';
import { ruleSql } from './segment-sql';

export interface AudienceForecast {
  readonly counts: AudienceCounts;
  readonly samples: readonly {
    readonly profileId: number;
    readonly part: string;
    readonly arm: string | null;
    readonly persona: string;
  }[];
  /** Everybody who would get a message, so nobody of the control: ids alone. */
  readonly memberIds: readonly number[];
  /** Creatives that would have to be made: personas with members × arms that are sent. */
  readonly pairs: readonly { readonly persona: string; readonly arm: string }[];
}

export interface AudienceStore {
  /**
   * Fixes members, parts and arms of a campaign in one statement and counts them from the same rows; the second call
   * answers what is stored. Throws not-found, segment-unknown, scenario-invalid.
   */
  freeze(campaignId: string): Promise<AudienceCounts>;
  /** Keeps with a frozen audience what the gate would say to a part of it now; once. */
  noteForecast(campaignId: string): Promise<void>;
  /** The stored counts, null before the freeze. */
  counts(campaignId: string): Promise<AudienceCounts | null>;
  /** What a freeze would count now, by the same statement without its insert. Writes nothing. */
  forecast(scenario: Scenario, seed: string): Promise<AudienceForecast>;
  /** The rules a freeze of the campaign reads: the segment's and each persona's. */
  rules(campaignId: string): Promise<ResolvedRule[]>;
  /** What a campaign's duration is foreseen by. */
  traffic(segment: string): Promise<PastTraffic>;
}

/** Room for the hash tables over consents and suppressions, and for the considered rows before they spill. */
const WORK_MEM = '128MB';

/** `twoLanesFrom`: the number of profiles, as PostgreSQL estimates it, from which a freeze takes two connections. */
export function createAudienceStore(db: Pick<Db, 'app'>, twoLanesFrom = TWO_LANES_FROM): AudienceStore {
  const sql = db.app;
  const oneAtATime = queue();
  return {
    freeze: (campaignId) =>
      oneAtATime(async () => {
        const counts = await againIfOvertaken(() => freeze(sql, campaignId, twoLanesFrom));
        await analyze(sql, ['audience_members']);
        return counts;
      }),

    noteForecast: (campaignId) => noteForecast(sql, campaignId),

    traffic: (segment) => pastTraffic(sql, segment),

    counts: (campaignId) => audienceCounts(sql, campaignId),

    forecast: (scenario, seed) =>
      sql.begin('read only', async (tx) => {
        const { definition } = await loadDefinition(tx, scenario, seed, UNBOUND);
        await room(tx);
        const { groups, samples, memberIds } = await forecastMembers(tx, definition);
        const counts = shape(groups);
        const sent = scenario.arms.filter((arm) => !arm.control).map((arm) => arm.key);
        const pairs = Object.keys(counts.personas).flatMap((persona) =>
          sent.map((arm) => ({ persona, arm })),
        );
        return { counts, samples, memberIds, pairs };
      }),

    rules: async (campaignId) => {
      const { scenario, seed, bound } = await campaignOf(sql, campaignId, false);
      const { definition } = await loadDefinition(sql, scenario, seed, bound);
      return [definition.rule, ...definition.personas.map((p) => p.rule)];
    },
  };
}

export async function campaignOf(
  sql: Db['app'] | Tx,
  id: string,
  lock: boolean,
): Promise<{
  scenario: Scenario;
  seed: string;
  bound: Bound;
}> {
  const [row] = await sql<
    { scenario: unknown; seed: string; segment: number | null; matrix: number | null; made_of: unknown }[]
  >`
    select c.scenario, c.seed, c.segment_version as segment, c.matrix_version as matrix, a.definition as made_of
    from campaigns c left join audiences a on a.campaign_id = c.id
    where c.id = ${id} ${lock ? sql`for update of c` : sql``}`;
  if (row === undefined) throw new BoucleError('not-found', `no campaign ${id}`);
  return {
    scenario: readScenario(row.scenario),
    seed: row.seed,
    bound: { segment: row.segment, matrix: row.matrix, madeOf: readMadeOfStored(row.made_of) },
  };
}

export async function room(tx: Tx): Promise<void> {
  await tx`select set_config('work_mem', ${WORK_MEM}, true)`;
}

async function freeze(sql: Db['app'], campaignId: string, twoLanesFrom: number): Promise<AudienceCounts> {
  return sql.begin('isolation level repeatable read', async (tx) => {
    const campaign = await campaignOf(tx, campaignId, true);
    const stored = await audienceCounts(tx, campaignId);
    if (stored !== null) return stored;
    const loaded = await loadDefinition(tx, campaign.scenario, campaign.seed, campaign.bound);
    if (campaign.scenario.kind !== 'batch') {
      if (campaign.scenario.continuous?.existing === 'ignore')
        await noteInside(tx, campaignId, loaded.definition);
      const nobody = emptyAudience(campaign.scenario);
      await record(tx, campaignId, nobody, loaded);
      return nobody;
    }
    const groups = await runLanes(
      sql,
      tx,
      loaded.definition,
      twoLanesFrom,
      (lane) => lane`delete from audience_members where campaign_id = ${campaignId}`,
      (lane, range) => freezeMembers(lane, campaignId, loaded.definition, range),
    );
    const counts = shape(groups);
    await record(tx, campaignId, counts, loaded);
    return counts;
  });
}

/** People come while it runs, of any persona: each needs its creative all the same. */
const emptyAudience = ({ audience: { personas, fallbackPersona } }: Scenario): AudienceCounts => ({
  matched: 0,
  excluded: {},
  holdout: 0,
  members: 0,
  arms: {},
  parts: { pilot: 0, test: 0, rollout: 0 },
  personas: Object.fromEntries(
    [...personas, ...(fallbackPersona === undefined ? [] : [fallbackPersona])].map((key) => [key, 0]),
  ),
});

/** Those who match when a continuous campaign begins have not entered: they were there. */
async function noteInside(tx: Tx, campaignId: string, definition: AudienceDefinition): Promise<void> {
  await tx`
    insert into continuous_inside (campaign_id, profile_id)
    select ${campaignId}, p.id from profiles p where p.merged_into is null and ${ruleSql(tx, definition.rule, definition.asOf)}`;
}

/** A freeze may take two connections: two freezes each waiting for their second would wait for ever. */
function queue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}

/** Somebody froze the same campaign while we waited for its row: what they stored is seen from a new snapshot. */
async function againIfOvertaken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof postgres.PostgresError && error.code === '40001') return work();
    throw error;
  }
}

interface Group {
  readonly reason: string | null;
  readonly part: string | null;
  readonly arm: string | null;
  readonly persona: string | null;
  readonly n: number;
}

async function freezeMembers(
  tx: Tx,
  campaignId: string,
  definition: AudienceDefinition,
  range: IdRange,
): Promise<Group[]> {
  await room(tx);
  return tx<Group[]>`
    with ${consideredSql(tx, definition, range)}, inserted as (
      insert into audience_members (campaign_id, profile_id, part, arm, persona, bucket)
      select ${campaignId}, id, part, arm, persona, bucket from considered where reason is null
    )
    select reason, part, arm, case when reason is null then persona end as persona, count(*) as n
    from considered group by 1, 2, 3, 4`;
}

type Sample = AudienceForecast['samples'][number];

const SAMPLES = 10;

async function forecastMembers(
  tx: Tx,
  definition: AudienceDefinition,
): Promise<{ groups: Group[]; samples: Sample[]; memberIds: number[] }> {
  const control = definition.scenario.arms.filter((arm) => arm.control).map((arm) => arm.key);
  const [row] = await tx<{ groups: Group[] | null; samples: Sample[] | null; ids: number[] | null }[]>`
    with ${consideredSql(tx, definition)}, grouped as (
      select reason, part, arm, case when reason is null then persona end as persona, count(*) as n
      from considered group by 1, 2, 3, 4
    ), sampled as (
      select id as "profileId", part, arm, persona from considered where reason is null order by bucket, id limit ${SAMPLES}
    )
    select (select json_agg(g) from grouped g) as groups, (select json_agg(s) from sampled s) as samples,
      (select json_agg(id) from considered where reason is null and not coalesce(arm = any(${control}::text[]), false)) as ids`;
  return { groups: row?.groups ?? [], samples: row?.samples ?? [], memberIds: row?.ids ?? [] };
}

function shape(groups: readonly Group[]): AudienceCounts {
  const excluded: Record<string, number> = {};
  const arms: Record<string, number> = {};
  const personas: Record<string, number> = {};
  const parts = { pilot: 0, test: 0, rollout: 0 };
  let matched = 0;
  let members = 0;
  let holdout = 0;
  const add = (counts: Record<string, number>, key: string, n: number): void => {
    counts[key] = (counts[key] ?? 0) + n;
  };
  for (const { reason, part, arm, persona, n } of groups) {
    matched += n;
    if (reason === 'holdout') holdout += n;
    else if (reason !== null) add(excluded, reason, n);
    else {
      members += n;
      if (part === 'pilot' || part === 'test' || part === 'rollout') parts[part] += n;
      if (arm !== null) add(arms, arm, n);
      if (persona !== null) add(personas, persona, n);
    }
  }
  return { matched, excluded, holdout, members, arms, parts, personas };
}

async function record(
  tx: Tx,
  campaignId: string,
  counts: AudienceCounts,
  loaded: LoadedDefinition,
): Promise<void> {
  const json = (value: unknown): string => JSON.stringify(value);
  await tx`
    insert into audiences (campaign_id, matched, excluded, holdout, members, arms, parts, personas, definition_sha256,
      definition, as_of)
    values (${campaignId}, ${counts.matched}, ${json(counts.excluded)}::text::jsonb, ${counts.holdout}, ${counts.members},
      ${json(counts.arms)}::text::jsonb, ${json(counts.parts)}::text::jsonb, ${json(counts.personas)}::text::jsonb,
      ${definitionHash(loaded)}, ${json(loaded.madeOf)}::text::jsonb, ${loaded.definition.asOf})`;
  await tx`
    update campaigns set segment_version = ${loaded.madeOf.segment.version}, matrix_version = ${loaded.madeOf.matrix}
    where id = ${campaignId}`;
}
