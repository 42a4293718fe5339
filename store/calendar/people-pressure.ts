import type postgres from 'postgres';
import { pressureOf, type Pressure } from '../../domain/frequency/pressure';
import type { Sql, Tx } from '../db';
import type { PlannedSpan } from './open-campaigns';
import { plannedCtes } from './planned-sql';

export interface PeoplePressure {
  /** Contacts each person had in the window that ends now. */
  readonly before: Pressure;
  /** The most a person would have in any such window up to `until`, with what is planned. */
  readonly after: Pressure;
}

/** How contacts of a rolling window are spread over people. `who`: a condition on profiles under the alias `p`. */
export async function peoplePressure(
  sql: Sql | Tx,
  input: {
    readonly who: postgres.Fragment;
    readonly windowDays: number;
    readonly spans: readonly PlannedSpan[];
    readonly now: Date;
    readonly until: Date;
  },
): Promise<PeoplePressure> {
  const { who, now, until } = input;
  // A microsecond short: a contact leaves the window exactly as it ends, as the gate has it.
  const span = sql`make_interval(secs => ${input.windowDays * 86_400} - 0.000001)`;
  const [[everybody], tallies] = await Promise.all([
    sql<{ people: number }[]>`select count(*) as people from profiles p where ${who}`,
    sql<{ before: number; after: number; people: number }[]>`
      with ${plannedCtes(sql, input.spans, now)},
      message as (
        select c.profile_id, c.at, false as planned from contacts c
        where c.at >= ${now}::timestamptz - ${span} and c.at <= ${now}::timestamptz
        union all
        select x.profile_id, x.at, true from planned x where x.at < ${until}::timestamptz
      ),
      rolled as (
        select m.profile_id, m.planned,
          count(*) over (partition by m.profile_id order by m.at range between ${span} preceding and current row) as n
        from message m
      ),
      person as (
        select r.profile_id, count(*) filter (where not r.planned) as before, max(r.n) as most
        from rolled r group by r.profile_id
      )
      select x.before, greatest(x.before, x.most) as after, count(*) as people
      from person x join profiles p on p.id = x.profile_id
      where ${who}
      group by 1, 2`,
  ]);
  const people = everybody?.people ?? 0;
  const by = (contacts: 'before' | 'after'): Pressure => {
    const merged = new Map<number, number>();
    for (const tally of tallies)
      merged.set(tally[contacts], (merged.get(tally[contacts]) ?? 0) + tally.people);
    return pressureOf(
      [...merged].map(([n, count]) => ({ contacts: n, people: count })),
      people,
    );
  };
  return { before: by('before'), after: by('after') };
}
