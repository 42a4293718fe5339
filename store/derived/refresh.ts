import { randomUUID } from 'node:crypto';
import { isDerived } from '../../domain/segments/derived';
import { meanKey, segmentsOf, type NamedMean } from '../../domain/segments/resolve';
import { RFM_BANDS } from '../../domain/segments/value';
import type { Sql, Tx } from '../db';
import { changeRules } from '../memberships/live-rules-cache';
import { findReadersAgain } from '../segments/find-again';
import { ruleOf } from '../segments/live-rules';
import { tellValue } from './value';

/** People told in one transaction: whoever writes one of them waits no longer than for these. */
const AT_ONCE = 1_000;
/** How long whoever is at something is not taken for dead, and how often they say that they are not. */
const LEASE = '15 minutes';
const RENEW_MS = 300_000;

/** What hangs on everybody at once, and is therefore told anew once a day: where bands lie, and means over segments. */
export function createRefreshes(sql: Sql) {
  /** Through everybody by id. Answers how many were told something new. */
  const tellEverybody = async ({ asOf, stopping }: ValueRefresh): Promise<number | null> => {
    let told = 0;
    for (let after = 0; ;) {
      if (stopping?.aborted === true) return null;
      const from = after;
      const step = await sql.begin(async (tx) => {
        const rows = await tx<{ id: number }[]>`
          select id from profiles where id > ${from} and merged_into is null order by id limit ${AT_ONCE} for update`;
        const ids = rows.map(({ id }) => id);
        return { told: await tellValue(tx, ids, asOf), last: ids.at(-1) };
      });
      if (step.last === undefined) return told;
      told += step.told;
      after = step.last;
    }
  };

  return {
    /**
     * Value of everybody: what their purchases come to, where each market's fifths lie, and who is in which. Whoever changes
     * is judged again. Answers how many were told something new; null: it was stopped.
     */
    value: async (given: ValueRefresh = {}): Promise<number | null> => {
      const counted = await tellEverybody(given);
      if (counted === null) return null;
      await takeCuts(sql, given.asOf);
      const banded = await tellEverybody(given);
      return banded === null ? null : counted + banded;
    },

    /**
     * Means that live rules compare with. Rules that read one that has moved are compiled anew, their members found again.
     * Answers how many have moved.
     */
    means: async (): Promise<number> => {
      const taken = await takeMeans(sql);
      return sql.begin((tx) => writeMeans(tx, taken));
    },

    /** Means a live rule names and nobody has taken yet. */
    meansMissing: async (): Promise<boolean> => {
      const named = await namedMeans(sql);
      if (named.length === 0) return false;
      const known = await sql<
        { segment: string; attribute: string }[]
      >`select segment, attribute from segment_means`;
      const keys = new Set(known.map(({ segment, attribute }) => meanKey(segment, attribute)));
      return named.some(({ segment, attribute }) => !keys.has(meanKey(segment, attribute)));
    },

    /** Whether it is known where the bands of any market lie. */
    banded: async (): Promise<boolean> => (await sql`select from value_cuts limit 1`).count > 0,

    /** Does what is due every so many minutes, where nobody else is at it; `work` answers whether it got to the end. */
    inTurn: async (name: string, minutes: number, work: () => Promise<boolean>): Promise<boolean> => {
      const me = randomUUID();
      const { count } = await sql`
        insert into refreshes as r (name, taken_by, taken_until) values (${name}, ${me}, now() + ${LEASE}::interval)
        on conflict (name) do update set taken_by = excluded.taken_by, taken_until = excluded.taken_until
        where (r.taken_until is null or r.taken_until < now())
          and (r.done_at is null or r.done_at < now() - ${minutes}::int * interval '1 minute')`;
      if (count === 0) return false;
      const renew = () =>
        sql`update refreshes set taken_until = now() + ${LEASE}::interval where name = ${name} and taken_by = ${me}`;
      const renewing = setInterval(() => void renew().catch(() => undefined), RENEW_MS);
      let done = false;
      try {
        done = await work();
      } finally {
        clearInterval(renewing);
        await sql`
          update refreshes set taken_by = null, taken_until = null, done_at = case when ${done} then now() else done_at end
          where name = ${name} and taken_by = ${me}`;
      }
      return done;
    },
  };
}

export type Refreshes = ReturnType<typeof createRefreshes>;

interface ValueRefresh {
  /** Left out: each by the clock, so that what comes in while it lasts is not taken back. */
  readonly asOf?: Date;
  readonly stopping?: AbortSignal;
}

/** Where the fifths of each market's customers lie: values that are somebody's own (percentile_disc). */
async function takeCuts(sql: Sql, asOf: Date | undefined): Promise<void> {
  const shares = Array.from({ length: RFM_BANDS - 1 }, (_, i) => (i + 1) / RFM_BANDS);
  await sql.begin(async (tx) => {
    const moment = tx`coalesce(${asOf ?? null}::timestamptz, now())`;
    await tx`delete from value_cuts`;
    await tx`
      insert into value_cuts (market, measure, cuts, people, as_of)
      with measured as (
        select p.market, (p.derived ->> 'orders')::float8 as frequency, (p.derived ->> 'spent_cents')::float8 as monetary,
          (select extract(epoch from max(e.at))::float8 from events e
           where e.profile_id = p.id and e.type = 'purchase' and e.at <= ${moment}) as recency
        from profiles p where p.merged_into is null and p.derived ? 'orders'
      )
      select market, v.measure, percentile_disc(${shares}::float8[]) within group (order by v.value), count(*), ${moment}
      from measured, lateral (values ('recency', recency), ('frequency', frequency), ('monetary', monetary)) v(measure, value)
      where v.value is not null
      group by 1, 2`;
  });
}

type ReadMean = NamedMean & { readonly by: string };

async function namedMeans(sql: Sql | Tx): Promise<ReadMean[]> {
  const rows = await sql<{ key: string; rule: unknown }[]>`
    select key, s.rule from live_segments l join segments s using (key, version) order by key`;
  return rows.flatMap(({ key, rule }) =>
    segmentsOf(ruleOf(rule)).means.map((mean) => ({ ...mean, by: key })),
  );
}

interface TakenMean extends NamedMean {
  /** null: nobody has a number there. */
  readonly mean: number | null;
  readonly people: number;
  /** Live segments whose rules compare with it. */
  readonly readers: readonly string[];
}

/** Before the rules are held: over a million people a mean takes seconds, and events wait for whoever changes rules. */
async function takeMeans(sql: Sql): Promise<TakenMean[]> {
  const taken: TakenMean[] = [];
  for (const [first, ...others] of byMean(await namedMeans(sql))) {
    const { segment, attribute } = first;
    const value = isDerived(attribute)
      ? sql`p.derived -> ${attribute}::text`
      : sql`p.attributes -> ${attribute}::text`;
    const [row] = await sql<{ mean: number | null; people: number }[]>`
      select avg((${value})::float8) filter (where jsonb_typeof(${value}) = 'number') as mean,
        count(*) filter (where jsonb_typeof(${value}) = 'number') as people
      from segment_members s join profiles p on p.id = s.profile_id where s.segment = ${segment}`;
    if (row !== undefined)
      taken.push({ segment, attribute, ...row, readers: [first, ...others].map(({ by }) => by) });
  }
  return taken;
}

function byMean(means: readonly ReadMean[]): (readonly [ReadMean, ...ReadMean[]])[] {
  const groups = new Map<string, [ReadMean, ...ReadMean[]]>();
  for (const mean of means) {
    const key = meanKey(mean.segment, mean.attribute);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [mean]);
    else group.push(mean);
  }
  return [...groups.values()];
}

async function writeMeans(tx: Tx, taken: readonly TakenMean[]): Promise<number> {
  await changeRules(tx);
  const moved: TakenMean[] = [];
  for (const one of taken) {
    const { count } = await tx`
      insert into segment_means as m (segment, attribute, mean, people)
      values (${one.segment}, ${one.attribute}, ${one.mean}, ${one.people})
      on conflict (segment, attribute) do update set mean = excluded.mean, people = excluded.people, at = now()
      where m.mean is distinct from excluded.mean or m.people <> excluded.people`;
    if (count > 0) moved.push(one);
  }
  if (moved.length === 0) return 0;
  const readers = [...new Set(moved.flatMap((one) => one.readers))];
  await tx`update rules_epoch set epoch = epoch + 1`;
  await tx`update live_segments set built_at = null where key = any(${readers}::text[])`;
  await findReadersAgain(tx, readers);
  return moved.length;
}
