import { BUCKETS, type AudienceCounts } from '../domain/campaigns/audience';
import { FIRST_STEP } from '../domain/campaigns/steps';
import { BoucleError } from '../domain/shared/errors';
import { audienceCounts } from './audience-counts';
import { loadDefinition } from './audience-definition';
import { consideredSql, type AudienceDefinition } from './audience-sql';
import { campaignOf, room } from './audience-store';
import type { Sql, Tx } from './db';
import { holdoutsAt } from './holdout-sql';

/** The wave of the roll-out that is about to be sent, if it is known. */
export interface NextWave {
  readonly wave?: string;
  readonly buckets?: Buckets;
}

interface Buckets {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** One look writes some 15,000 people a second, in a transaction that holds its campaign. */
const MOST_AT_ONCE = 100_000;

/** People who come after the freeze: into a campaign with an open intake, or into a continuous one. */
export function createIntakeStore(sql: Sql, mostAtOnce = MOST_AT_ONCE) {
  return {
    /**
     * Inserts whoever matches now and is not a member yet into the roll-out, by the same hash: whatever part they
     * would have been in, their turn there is over. Whose bucket is in a wave that has had its turn gets one of the
     * next wave. Nobody comes into a wave that is planned. Only personas whose creative exists. Answers the audience as
     * it then stands and the size that was approved. Safe to repeat.
     */
    takeIn: (
      campaignId: string,
      next: NextWave = {},
    ): Promise<{ audience: AudienceCounts; approvedMembers: number }> =>
      sql.begin(async (tx) => {
        const { definition } = await locked(tx, campaignId);
        const free = await freeBuckets(tx, campaignId, next);
        if (free !== null) await grow(tx, campaignId, await join(tx, campaignId, definition, free));
        return {
          audience: await counts(tx, campaignId),
          approvedMembers: await approvedMembers(tx, campaignId),
        };
      }),

    /**
     * Compares who matches with who was inside: who came in is taken into the roll-out, who went out may come in again.
     * Somebody the audience's rules refuse for now (no consent yet) is not inside either, and enters once they may.
     * The planned counts of the campaign's waves grow with them, and each is owed the message of each step, in the same
     * transaction. So many at once, those with the lowest ids; `more`: others came in too, and the next look takes them.
     */
    enterPeople: (campaignId: string): Promise<{ entered: number; more: boolean }> =>
      sql.begin(async (tx) => {
        const { definition } = await locked(tx, campaignId);
        // The planner takes who came in for one person: 20,000 at once, each compared with each, took 42 seconds.
        await tx`set local enable_nestloop = off`;
        const { key, continuous } = definition.scenario;
        const reentryDays = continuous?.reentryDays ?? null;
        const rows = await tx<(PersonaCount & { came: number })[]>`
          with ${consideredSql(tx, definition)}, gone as (
            delete from continuous_inside i
            where i.campaign_id = ${campaignId} and not exists (select from considered c where c.id = i.profile_id)
          ), came as (
            insert into continuous_inside (campaign_id, profile_id)
            select ${campaignId}, c.id from considered c
            where c.reason is null
              and not exists (select from continuous_inside i where i.campaign_id = ${campaignId} and i.profile_id = c.id)
            order by c.id limit ${mostAtOnce}
            on conflict do nothing
            returning profile_id
          ), entry as (
            insert into continuous_entries (campaign_id, profile_id, scenario_key)
            select ${campaignId}, came.profile_id, ${key} from came
            where not exists (
              select from continuous_entries e
              where e.scenario_key = ${key} and e.profile_id = came.profile_id
                and (${reentryDays}::int is null or e.at > now() - make_interval(days => ${reentryDays}::int)))
            on conflict do nothing
            returning profile_id
          ), joined as (
            insert into audience_members (campaign_id, profile_id, part, arm, persona, bucket)
            select ${campaignId}, c.id, 'rollout', c.arm, c.persona, c.bucket
            from considered c join entry e on e.profile_id = c.id
            on conflict do nothing
            returning profile_id, persona
          ), owed as (
            insert into entry_messages (campaign_id, step, profile_id)
            select ${campaignId}, w.step, joined.profile_id from joined cross join waves w where w.campaign_id = ${campaignId}
            on conflict do nothing
          )
          select j.persona, count(j.profile_id) as n, max(c.n) as came
          from (select count(*) as n from came) c left join joined j on true
          group by j.persona`;
        await grow(tx, campaignId, rows);
        const entered = rows.reduce((sum, row) => sum + row.n, 0);
        await tx`update waves set planned = planned + ${entered} where campaign_id = ${campaignId}`;
        return { entered, more: rows.some(({ came }) => came === mostAtOnce) };
      }),
  };
}

interface PersonaCount {
  readonly persona: string;
  readonly n: number;
}

/** The campaign's row is locked first: two takings-in at once would each count the same people. */
async function locked(tx: Tx, campaignId: string) {
  const { scenario, seed, bound } = await campaignOf(tx, campaignId, true);
  await room(tx);
  const { definition } = await loadDefinition(tx, scenario, seed, bound);
  // Who comes later meets the holdout of their own day, not that of the freeze.
  return { definition: { ...definition, holdouts: await holdoutsAt(tx, definition.asOf) } };
}

/** Where nothing is planned yet; null: nobody may be taken in now. Ask it under the campaign's lock. */
async function freeBuckets(tx: Tx, campaignId: string, { wave, buckets }: NextWave): Promise<Buckets | null> {
  const [row] = await tx<{ taken: number; planned: boolean }[]>`
    select coalesce(max(bucket_to), 0) as taken,
      coalesce(bool_or(step = ${FIRST_STEP} and wave = ${wave ?? null}::text), false) as planned
    from waves where campaign_id = ${campaignId} and part = 'rollout'`;
  const from = Math.max(row?.taken ?? 0, buckets?.from ?? 0);
  if (row?.planned === true || from >= BUCKETS) return null;
  return { from, to: Math.max(buckets?.to ?? BUCKETS, from + 1) };
}

/** A bucket below the free ones is scaled into them: as even as the hash, and the same each time. */
function join(
  tx: Tx,
  campaignId: string,
  definition: AudienceDefinition,
  { from, to }: Buckets,
): Promise<PersonaCount[]> {
  const bucket =
    from === 0
      ? tx`c.bucket`
      : tx`case when c.bucket < ${from}::int then ${from}::int + c.bucket * ${to - from}::int / ${from}::int else c.bucket end`;
  return tx<PersonaCount[]>`
    with ${consideredSql(tx, definition)}, joined as (
      insert into audience_members (campaign_id, profile_id, part, arm, persona, bucket)
      select ${campaignId}, c.id, 'rollout', null, c.persona, ${bucket} from considered c
      where c.reason is null
        and not exists (select from audience_members m where m.campaign_id = ${campaignId} and m.profile_id = c.id)
        and exists (select from creatives r where r.campaign_id = ${campaignId} and r.persona = c.persona)
      returning persona
    )
    select persona, count(*) as n from joined group by persona`;
}

async function grow(tx: Tx, campaignId: string, rows: readonly PersonaCount[]): Promise<void> {
  const n = rows.reduce((sum, row) => sum + row.n, 0);
  if (n === 0) return;
  const { personas } = await counts(tx, campaignId);
  const grown = { ...personas };
  for (const row of rows) grown[row.persona] = (grown[row.persona] ?? 0) + row.n;
  await tx`
    update audiences set matched = matched + ${n}, members = members + ${n},
      parts = jsonb_set(parts, '{rollout}', to_jsonb((parts ->> 'rollout')::bigint + ${n})),
      personas = ${JSON.stringify(grown)}::text::jsonb
    where campaign_id = ${campaignId}`;
}

async function counts(tx: Tx, campaignId: string): Promise<AudienceCounts> {
  const stored = await audienceCounts(tx, campaignId);
  if (stored === null) throw new BoucleError('conflict', 'The audience is not frozen yet.');
  return stored;
}

async function approvedMembers(tx: Tx, campaignId: string): Promise<number> {
  const [row] = await tx<{ n: number | null }[]>`
    select approved_members as n from campaigns where id = ${campaignId}`;
  return row?.n ?? 0;
}

export type IntakeStore = ReturnType<typeof createIntakeStore>;
