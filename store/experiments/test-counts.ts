import type postgres from 'postgres';
import { ENTRIES_WAVE, FIRST_STEP } from '../../domain/campaigns/steps';
import { MESSAGE_EVENTS } from '../../domain/delivery/message-events';
import type { ShorterWindow } from '../../domain/experiments/campaign-sensitivity';
import type { ArmSends } from '../../domain/experiments/funnel';
import type { OutcomeCell } from '../../domain/experiments/outcomes';
import type { Sql, Tx } from '../db';
import { reading } from '../reading';

/** What a test is judged by, all of it at one moment. */
export interface TestCounts {
  /**
   * Everyone the gate allowed, in every arm, control included, whatever became of the message afterwards; each person
   * once, from when the gate first judged them. An event counts within `windowSeconds` of that.
   */
  readonly cells: readonly OutcomeCell[];
  /** The same people within parts of the window. */
  readonly windows: readonly ShorterWindow[];
  /** Everybody dealt to an arm of the test, whatever the gate said of them (intention-to-treat). */
  readonly assigned: Readonly<Record<string, number>>;
  /** What became of the test's messages, arm by arm; a message counts once a kind of event. */
  readonly sends: readonly ArmSends[];
}

interface Test {
  readonly campaignId: string;
  readonly metric: string;
  readonly windowSeconds: number;
}

/** Outcomes within each window. */
interface WindowedCell {
  readonly arm: string;
  readonly persona: string;
  readonly events: readonly number[];
}

/** Of the merged: how many people fewer they are, and what was counted of them as the profiles they were. */
interface MergedCell extends WindowedCell {
  readonly n: number;
  readonly counted: readonly number[];
}

interface AllowedCell extends Omit<OutcomeCell, 'events'> {
  readonly accepted: number;
  /** From the first judgement of all to the end of the last window, a millisecond wider: a Date knows no microseconds. */
  readonly since: Date;
  readonly until: Date;
}

/**
 * Counted in passes that PostgreSQL takes side by side, never person by person: who was allowed, by cell; then who of them
 * had the event, from what happened in the test's own time. Both take a profile for a person. That is wrong of the merged
 * alone, who are looked at one by one afterwards.
 */
export const testCounts = (sql: Sql, test: Test, shares: readonly number[] = []): Promise<TestCounts> =>
  counting(sql, test, async (tx, ledger, allowed) => {
    const [cells = [], ...shorter] = await outcomes(tx, test, ledger, allowed, shares);
    return {
      cells,
      windows: shares.map((share, i) => ({ share, cells: shorter[i] ?? [] })),
      assigned: await assigned(tx, test.campaignId),
      sends: await sends(tx, ledger, allowed),
    };
  });

/** The outcomes alone. */
export const testOutcomes = (sql: Sql, test: Test): Promise<OutcomeCell[]> =>
  counting(sql, test, async (tx, ledger, allowed) => (await outcomes(tx, test, ledger, allowed))[0] ?? []);

const counting = <T>(
  sql: Sql,
  { campaignId, windowSeconds }: Test,
  count: (tx: Tx, ledger: Ledger, allowed: readonly AllowedCell[]) => Promise<T>,
) =>
  reading(sql, async (tx) => {
    // Tests of two thousand people and of five million want other plans: none is kept.
    await tx`select set_config('plan_cache_mode', 'force_custom_plan', true)`;
    const ledger = await ledgerOf(tx, campaignId);
    const allowed = await tx<AllowedCell[]>`
      select arm, persona, count(*) as n, count(*) filter (where state = 'accepted') as accepted,
        min(min(gated_at)) over () as since,
        max(max(gated_at)) over () + make_interval(secs => ${windowSeconds}::float8 + 0.001) as until
      from (${allowedSql(tx, ledger)}) a group by arm, persona order by arm, persona`;
    return count(tx, ledger, allowed);
  });

/** The waves of a campaign's test; where a live campaign is challenged, who entered it. */
interface Ledger {
  readonly campaignId: string;
  readonly waves: readonly string[];
}

/** Of a wave `w`. */
export const isOfTest = (tx: Sql | Tx): postgres.Fragment =>
  tx`w.step = ${FIRST_STEP} and (w.part = 'test' or w.wave = ${ENTRIES_WAVE})`;

export async function ledgerOf(tx: Sql | Tx, campaignId: string): Promise<Ledger> {
  const waves = await tx<{ wave: string }[]>`
    select w.wave from waves w where w.campaign_id = ${campaignId} and ${isOfTest(tx)}`;
  return { campaignId, waves: waves.map(({ wave }) => wave) };
}

/** Whom the gate allowed. `accepted` stands first: a state is compared with one after the other. */
export const allowedSql = (tx: Sql | Tx, { campaignId, waves }: Ledger, and = tx``): postgres.Fragment => tx`
  select d.profile_id, d.arm, d.persona, d.gated_at, d.state from deliveries d
  where d.campaign_id = ${campaignId} and d.step = ${FIRST_STEP} and d.wave = any(${[...waves]}::text[]) ${and}
    and d.state in ('accepted', 'claimed', 'sending', 'failed', 'uncertain')
  union all
  select d.profile_id, d.arm, d.persona, d.gated_at, null from control_gate d
  where d.campaign_id = ${campaignId} and d.step = ${FIRST_STEP} and d.wave = any(${[...waves]}::text[]) ${and}
    and d.allowed`;

/** Outcomes within each of the windows: the test's own, then shorter ones. Everybody allowed is in each of them. */
async function outcomes(
  tx: Tx,
  { metric, windowSeconds }: Test,
  ledger: Ledger,
  allowed: readonly AllowedCell[],
  shares: readonly number[] = [],
): Promise<OutcomeCell[][]> {
  const windows = [windowSeconds, ...shares.map((share) => share * windowSeconds)];
  const [some] = allowed;
  if (some === undefined) return windows.map(() => []);
  // The test's own time is told apart from each person's: it alone can be looked for without knowing the person. As it is
  // compared with every event, it comes as what it is: a text would be read anew for each.
  const inTime = (whom: postgres.Fragment): postgres.Fragment => tx`
    e.profile_id = ${whom} and e.type = ${metric}
      and e.at >= ${some.since} and e.at < ${some.until}
      and e.at >= a.gated_at and e.at < a.gated_at + make_interval(secs => ${windowSeconds}::float8)`;
  /** How many of those who `took` that long fall into each of the windows. */
  const within = (took: postgres.Fragment): postgres.Fragment =>
    tx`array[${windows
      .map((seconds) => tx`count(*) filter (where ${took} < make_interval(secs => ${seconds}::float8))`)
      .reduce((all, one) => tx`${all}, ${one}`)}]`;
  // Of one window, as a condition: not as a filter of the count, the planner may hash the events or look each person's up.
  // Of several, by how long each person took: one pass more costs as much as the first.
  const events =
    shares.length === 0
      ? await tx<WindowedCell[]>`
        select a.arm, a.persona, array[count(*)] as events from (${allowedSql(tx, ledger)}) a
        where exists (select from events e where ${inTime(tx`a.profile_id`)}) group by a.arm, a.persona`
      : await tx<WindowedCell[]>`
        select arm, persona, ${within(tx`took`)} as events
        from (
          select a.arm, a.persona, min(e.at - a.gated_at) as took
          from (${allowedSql(tx, ledger)}) a join events e on ${inTime(tx`a.profile_id`)}
          group by a.profile_id, a.arm, a.persona
        ) x group by arm, persona`;
  // What the merged add as the persons they are, and what they added as the profiles they were. One by one through the
  // keys, by the limit: otherwise the planner reads the whole ledger once more for them.
  const merged = await tx<MergedCell[]>`
    with profile as (
      select id from profiles where merged_into is not null
      union select merged_into from profiles where merged_into is not null
    ),
    a as materialized (
      select a.*, standing(a.profile_id) as stands
      from profile p cross join lateral (${allowedSql(tx, ledger, tx`and d.profile_id = p.id`)} limit 2) a
    ),
    judged as (
      select a.arm, a.persona,
        (select min(e.at) - a.gated_at from events e where ${inTime(tx`a.profile_id`)}) as profile_took,
        (select min(e.at) - a.gated_at from events e where ${inTime(tx`a.stands`)}) as person_took,
        row_number() over (partition by a.stands order by a.gated_at, a.profile_id) = 1 as first
      from a
    )
    select arm, persona, count(*) filter (where first) - count(*) as n, ${within(tx`case when first then person_took end`)} as events,
      ${within(tx`profile_took`)} as counted
    from judged group by arm, persona`;
  return windows.map((_, i) =>
    allowed
      .map(({ arm, persona, n }) => {
        const own = <T extends WindowedCell>(cells: readonly T[]): T[] =>
          cells.filter((cell) => cell.arm === arm && cell.persona === persona);
        return {
          arm,
          persona,
          n: own(merged).reduce((sum, cell) => sum + cell.n, n),
          events:
            own<WindowedCell>([...events, ...merged]).reduce((sum, cell) => sum + Number(cell.events[i]), 0) -
            own(merged).reduce((sum, cell) => sum + Number(cell.counted[i]), 0),
        };
      })
      .filter(({ n }) => n > 0),
  );
}

async function assigned(tx: Tx, campaignId: string): Promise<Record<string, number>> {
  const rows = await tx<{ arm: string; n: number }[]>`
    select arm, count(*) as n from audience_members
    where campaign_id = ${campaignId} and part <> 'pilot' and arm is not null group by arm`;
  return Object.fromEntries(rows.map(({ arm, n }) => [arm, n]));
}

async function sends(
  tx: Tx,
  { campaignId, waves }: Ledger,
  allowed: readonly AllowedCell[],
): Promise<ArmSends[]> {
  // Found by the delivery's id alone: naming the campaign too lets the planner walk its whole ledger per event.
  const answered = await tx<Omit<ArmSends, 'accepted'>[]>`
    select d.arm, count(distinct d.id) filter (where e.type = ${MESSAGE_EVENTS.unsubscribed}) as unsubscribed,
      count(distinct d.id) filter (where e.type = ${MESSAGE_EVENTS.complained}) as complained
    from events e join deliveries d on d.id = e.delivery_id
    where e.campaign_id = ${campaignId} and e.type in (${MESSAGE_EVENTS.unsubscribed}, ${MESSAGE_EVENTS.complained})
      and d.step = ${FIRST_STEP} and d.wave = any(${[...waves]}::text[]) and d.state = 'accepted'
    group by d.arm`;
  const accepted = new Map<string, number>();
  for (const cell of allowed)
    if (cell.accepted > 0) accepted.set(cell.arm, (accepted.get(cell.arm) ?? 0) + cell.accepted);
  return [...accepted].map(([arm, count]) => {
    const { unsubscribed = 0, complained = 0 } = answered.find((one) => one.arm === arm) ?? {};
    return { arm, accepted: count, unsubscribed, complained };
  });
}
