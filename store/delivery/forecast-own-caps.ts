import type postgres from 'postgres';
import type { OwnMessage } from '../../domain/campaigns/own-messages';
import type { Sql } from '../db';
import { capCtes } from './gate-caps-sql';
import { gateMoment } from './gate-moment';
import type { GateTerms } from './wave-terms';

/** People whom a cap would hold from a later step because of what their own campaign has sent them before it. */
export interface OwnCap {
  readonly cap: string;
  readonly people: number;
  /** The cap lets them go before the step's deadline: they wait until then. Else they do not get it. */
  readonly outcome: 'waits' | 'skipped';
}

export interface LaterStep {
  readonly terms: GateTerms;
  /** From the first message to this one. */
  readonly afterSeconds: number;
  /** From its falling due to its deadline. */
  readonly patienceSeconds: number;
  readonly own: readonly OwnMessage[];
}

/**
 * Asks the gate's own caps about the moment a step falls due, if its campaign's messages went as planned and nobody
 * else wrote to these people meanwhile. Whom the caps would hold anyway is not counted. Reserves and writes nothing.
 */
export async function forecastOwnCaps(
  sql: Sql,
  { terms, afterSeconds, patienceSeconds, own }: LaterStep,
  profileIds: readonly number[],
): Promise<OwnCap[]> {
  const moment = await gateMoment(sql, terms, profileIds, { lock: false, aheadSeconds: afterSeconds });
  const caps = capCtes(sql, terms, moment);
  if (caps === null || own.length === 0) return [];
  // A table's name in front of the gate's: instead of now being later, every contact is so much earlier.
  const heldWith = (ours: postgres.Fragment): postgres.Fragment => sql`
    with contacts as materialized (
      select profile_id, at - make_interval(secs => ${afterSeconds}::float8) as at, nature, channel, department, format, campaign_id, step
      from contacts where profile_id in (select id from somebody) and nature = ${terms.nature} ${ours}
    ),
    person as materialized (select id as profile_id, ${terms.step}::text as step from somebody),
    ${caps}
    nearest as (
      select distinct on (profile_id) profile_id, key, slot_at, count(*) over (partition by profile_id) as channels
      from capped order by profile_id, slot_at
    )
    select profile_id, key, slot_at from nearest where channels = ${terms.channels.length}`;
  const ours = sql`
      union all
      select p.id, statement_timestamp() - make_interval(secs => o.ago), o.nature, o.channel, ${terms.department}, ${terms.format},
        ${terms.campaignId}, o.step
      from somebody p cross join unnest(
        ${own.map((o) => o.agoSeconds)}::float8[], ${own.map((o) => o.nature)}::text[], ${own.map((o) => o.channel)}::text[],
        ${own.map((o) => o.step)}::text[]) as o (ago, nature, channel, step)`;
  const rows = await sql<OwnCap[]>`
    with somebody as materialized (select id from unnest(${[...profileIds]}::bigint[]) as id),
    anyway as materialized (${heldWith(sql``)}),
    held as materialized (${heldWith(ours)})
    select key as cap, count(*) as people,
      case when slot_at < statement_timestamp() + make_interval(secs => ${patienceSeconds}::float8) then 'waits' else 'skipped' end as outcome
    from held where profile_id not in (select profile_id from anyway)
    group by 1, 3 order by 1, 3`;
  return [...rows];
}
