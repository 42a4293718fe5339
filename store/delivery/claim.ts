import type { Channel, DeliveryState } from '../../domain/shared/words';
import type { Sql } from '../db';
import { gateCtes } from './gate-sql';
import type { ShardSession } from './shard-session';
import type { WaveTerms } from './wave-terms';

export interface ClaimedDelivery {
  readonly id: number;
  readonly profileId: number;
  readonly persona: string;
  readonly arm: string;
  readonly creativeId: number | null;
  readonly step: string;
  /** The one the gate chose among the wave's. */
  readonly channel: Channel;
  /** Consent to having opens seen, at this moment. */
  readonly openPixel: boolean;
}

export interface ClaimInput {
  readonly terms: WaveTerms;
  readonly deadlineAt: Date;
  /** Who has never been looked at, or whose time has come again. */
  readonly source: 'new' | 'due';
  /** Profile ids [from, to), after `cursor`. */
  readonly range: { readonly from: number; readonly to: number };
  readonly cursor: number;
  readonly limit: number;
  readonly creatives: readonly {
    readonly persona: string;
    readonly arm: string;
    readonly channel: Channel;
    readonly creativeId: number;
  }[];
}

export interface Claim {
  /** People looked at; fewer than the limit means that the range is done. */
  readonly looked: number;
  /** Where the next claim goes on. */
  readonly cursor: number;
  readonly claimed: readonly ClaimedDelivery[];
}

/**
 * One batch through the gate in one transaction: lock the people, then judge, write the ledger and reserve contacts.
 * Two statements, because in one the count of contacts reads a snapshot older than the lock and lets caps be passed.
 * Who is refused gets their row with the reason at once; who is put off is `planned` with a time.
 */
export async function claim(session: ShardSession, input: ClaimInput): Promise<Claim> {
  const { sql, backendPid } = session;
  const { terms, range, cursor, creatives } = input;
  const ids = (input.source === 'new' ? await newMembers(sql, input) : await dueRows(sql, input)).map(
    (row) => row.profile_id,
  );
  const last = ids.at(-1);
  if (last === undefined) return { looked: 0, cursor: Math.max(cursor, range.from - 1), claimed: [] };

  return sql.begin(async (tx) => {
    // Sorted, so that two campaigns after the same people wait for each other instead of locking each other out.
    await tx`select from profiles where id = any(${ids}::bigint[]) order by id for no key update`;
    const rows = await tx<(ClaimedDelivery & { state: DeliveryState })[]>`
      with person as materialized (
        select m.profile_id, m.persona, coalesce(m.arm = any(${terms.controlArms}::text[]), false) as control,
          case when m.arm = any(${terms.controlArms}::text[]) then m.arm else coalesce(${terms.arm}::text, m.arm) end as arm
        from audience_members m
        where m.campaign_id = ${terms.campaignId} and m.part = ${terms.part} and m.profile_id = any(${ids}::bigint[])
      ),
      ${gateCtes(sql, { ...terms, deadlineAt: input.deadlineAt })},
      creative as materialized (
        select * from unnest(
          ${creatives.map((c) => c.persona)}::text[], ${creatives.map((c) => c.arm)}::text[],
          ${creatives.map((c) => c.channel)}::text[], ${creatives.map((c) => c.creativeId)}::bigint[]
        ) as c (persona, arm, channel, creative_id)
      ),
      ledger as (
        insert into deliveries as d (campaign_id, step, profile_id, wave, arm, persona, channel, creative_id,
          state, reason, open_pixel, consent_event_id, not_before, settled_at)
        select ${terms.campaignId}, ${terms.step}, v.profile_id, ${terms.wave}, v.arm, v.persona, ${terms.channels[0] ?? null}, c.creative_id,
          case when v.reason is null then 'claimed' when v.not_before is not null then 'planned' else 'skipped' end,
          v.reason, v.open_pixel, v.consent_event_id, v.not_before,
          case when v.reason is not null and v.not_before is null then clock_timestamp() end
        from verdict v left join creative c on c.persona = v.persona and c.arm = v.arm
        where not v.control and pg_backend_pid() = ${backendPid}
        order by v.profile_id
        on conflict (campaign_id, step, profile_id) do update
          set state = excluded.state, reason = excluded.reason, open_pixel = excluded.open_pixel,
            consent_event_id = excluded.consent_event_id, not_before = excluded.not_before,
            creative_id = excluded.creative_id, gated_at = excluded.gated_at, settled_at = excluded.settled_at
          where d.state = 'planned' and d.wave = excluded.wave
        returning d.id, d.profile_id, d.step, d.channel, d.persona, d.arm, d.creative_id, d.open_pixel, d.state
      ),
      reserved as (
        insert into contacts (profile_id, at, nature, channel, department, campaign_id, step)
        select l.profile_id, statement_timestamp(), ${terms.nature}, ${terms.channels[0] ?? null}, ${terms.department}, ${terms.campaignId}, ${terms.step}
        from ledger l where l.state = 'claimed'
        on conflict (campaign_id, step, profile_id) do nothing
      ),
      -- Control people meet the same gate and reserve nothing. Put off, they count from when they would have had it.
      controls as (
        insert into control_gate (campaign_id, step, profile_id, wave, arm, persona, allowed, reason, gated_at)
        select ${terms.campaignId}, ${terms.step}, v.profile_id, ${terms.wave}, v.arm, v.persona,
          v.reason is null or v.not_before is not null, v.reason, coalesce(v.not_before, clock_timestamp())
        from verdict v where v.control and pg_backend_pid() = ${backendPid}
        on conflict (campaign_id, step, profile_id) do nothing
      )
      select id, profile_id as "profileId", step, channel, persona, arm, creative_id as "creativeId", open_pixel as "openPixel", state
      from ledger order by profile_id`;
    return { looked: ids.length, cursor: last, claimed: rows.filter((row) => row.state === 'claimed') };
  });
}

const newMembers = (sql: Sql, { terms, range, cursor, limit }: ClaimInput) => sql<{ profile_id: number }[]>`
  select profile_id from audience_members
  where campaign_id = ${terms.campaignId} and part = ${terms.part}
    and profile_id >= ${range.from} and profile_id > ${cursor} and profile_id < ${range.to}
    and bucket >= ${terms.buckets.from} and bucket < ${terms.buckets.to}
  order by profile_id limit ${limit}`;

/** No index names `state`: this reads the shard's own stretch of the key, some thousand rows. */
const dueRows = (sql: Sql, { terms, range, cursor, limit }: ClaimInput) => sql<{ profile_id: number }[]>`
  select profile_id from deliveries
  where campaign_id = ${terms.campaignId} and step = ${terms.step}
    and profile_id >= ${range.from} and profile_id > ${cursor} and profile_id < ${range.to}
    and wave = ${terms.wave} and state = 'planned' and coalesce(not_before, '-infinity') <= clock_timestamp()
  order by profile_id limit ${limit}`;
