import type { Sql, Tx } from '../db';
import type { WaveKey } from './wave-terms';

/** Messages of one step that a continuous campaign owes; `late`: only the sending of them is waited for, and for too long. */
export interface EntriesLeft {
  readonly open: number;
  readonly late: number;
  /** Of the late ones, by what the ledger says of them; `turn`: nobody has looked at them. */
  readonly lateBy: Readonly<Record<string, number>>;
}

interface Wanted {
  readonly terms: WaveKey;
  /** Profile ids behind it. */
  readonly cursor: number;
  readonly limit: number;
}

/** Why the gate puts somebody off. What a provider puts off is late all the same. */
const RULES = ['cap', 'arbitration', 'quiet-hours', 'paused', 'not-contacted', 'not-due'];

/** Open and to be looked at now. What a round reads hangs on these rows, never on everybody who ever entered. */
const dueNow = (sql: Sql | Tx, { campaignId, step }: Pick<WaveKey, 'campaignId' | 'step'>) => sql`
  q.campaign_id = ${campaignId} and q.step = ${step} and q.settled_at is null and q.next_at <= clock_timestamp()`;

const ledgerRow = (sql: Sql | Tx) =>
  sql`d.campaign_id = q.campaign_id and d.step = q.step and d.profile_id = q.profile_id`;

/** Who entered and was never looked at. */
export const newEntries = (sql: Sql | Tx, { terms, cursor, limit }: Wanted) => sql<{ profile_id: number }[]>`
  select q.profile_id from entry_messages q
  where ${dueNow(sql, terms)} and q.profile_id > ${cursor}
    and not exists (select from deliveries d where ${ledgerRow(sql)})
    and not exists (
      select from control_gate g where g.campaign_id = q.campaign_id and g.step = q.step and g.profile_id = q.profile_id)
  order by q.profile_id limit ${limit}`;

/** Who was put off, and whose time has come. */
export const dueEntries = (sql: Sql | Tx, { terms, cursor, limit }: Wanted) => sql<{ profile_id: number }[]>`
  select q.profile_id from entry_messages q join deliveries d on ${ledgerRow(sql)}
  where ${dueNow(sql, terms)} and q.profile_id > ${cursor}
    and d.wave = ${terms.wave} and d.state = 'planned' and coalesce(d.not_before, '-infinity') <= clock_timestamp()
  order by q.profile_id limit ${limit}`;

/** Rows of the ledger that an attempt may have left behind, as `d`. */
export const entriesInHand = (sql: Sql | Tx, key: WaveKey) => sql`
  from entry_messages q join deliveries d on ${ledgerRow(sql)}
  where ${dueNow(sql, key)} and d.wave = ${key.wave}`;

/**
 * Notes what the ledger says of the messages a round looked at: which have ended, and when the others come up again. A
 * message waits for its sending since its person entered, or since the moment a rule of the gate last put it off to.
 * Done again it changes nothing.
 */
export async function noteEntries(
  sql: Sql | Tx,
  key: Pick<WaveKey, 'campaignId' | 'step'>,
  lateAfterSeconds: number,
): Promise<EntriesLeft> {
  await sql`
    update entry_messages e set
      settled_at = now.ended_at,
      next_at = coalesce(now.not_before, e.next_at),
      due_at = case when now.by_rule then now.not_before else e.due_at end
    from (
      select q.ctid, d.not_before,
        d.not_before is not null and split_part(d.reason, ':', 1) = any(${RULES}::text[]) as by_rule,
        case when d.state in ('accepted', 'failed', 'skipped', 'uncertain') then coalesce(d.settled_at, clock_timestamp())
          else g.gated_at end as ended_at
      from entry_messages q
      left join deliveries d on ${ledgerRow(sql)}
      left join control_gate g on g.campaign_id = q.campaign_id and g.step = q.step and g.profile_id = q.profile_id
      where ${dueNow(sql, key)}
    ) now
    -- Not by the key: before the table's first statistics the planner may read the whole step for each of them.
    where e.ctid = now.ctid and (now.ended_at is not null or now.not_before is not null)`;
  const rows = await sql<{ by: string | null; n: number }[]>`
    with open as materialized (
      select q.profile_id, q.due_at < clock_timestamp() - make_interval(secs => ${lateAfterSeconds}::float8) as late
      from entry_messages q where q.campaign_id = ${key.campaignId} and q.step = ${key.step} and q.settled_at is null
    )
    select null as by, count(*) as n from open
    union all
    select coalesce(split_part(d.reason, ':', 1), 'turn'), count(*)
    from open q left join deliveries d
      on d.campaign_id = ${key.campaignId} and d.step = ${key.step} and d.profile_id = q.profile_id
    where q.late group by 1`;
  const lateBy = Object.fromEntries(rows.flatMap(({ by, n }) => (by === null ? [] : [[by, n]])));
  return {
    open: rows.find(({ by }) => by === null)?.n ?? 0,
    late: rows.reduce((sum, { by, n }) => (by === null ? sum : sum + n), 0),
    lateBy,
  };
}
