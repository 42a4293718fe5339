import { own } from '../../domain/shared/own';
import type postgres from 'postgres';
import type { Tx } from '../db';

interface Weight {
  readonly weight: number;
  /** How many events it is of. */
  readonly events: number;
}

/** By category. */
export type Interests = Readonly<Record<string, Weight>>;

export async function interestsOf(tx: Tx, id: number): Promise<Interests> {
  const rows = await tx<{ category: string; weight: number; events: number }[]>`
    select category, weight, events from interests where profile_id = ${id} order by category`;
  return Object.fromEntries(rows.map(({ category, weight, events }) => [category, { weight, events }]));
}

/** Weights add, for interest is a sum over events. */
export async function joinInterests(tx: Tx, kept: number, merged: number): Promise<void> {
  await tx`
    with gone as (delete from interests where profile_id = ${merged} returning category, weight, events)
    insert into interests as i (profile_id, category, weight, events)
    select ${kept}, category, weight, events from gone order by category
    on conflict (profile_id, category) do update set weight = i.weight + excluded.weight, events = i.events + excluded.events`;
}

/** What somebody likes when they are merged away, and which events have raised it of late. */
export interface MergedInterests {
  readonly interests: Interests;
  /** Ids of events of the last hour: the clock alone does not tell what was written before a merge from what came after. */
  readonly recent: readonly string[];
}

/** Longer than any transaction takes that writes events. */
const RECENT_MINUTES = 60;

/** Both as of one moment. */
export async function mergedInterestsOf(tx: Tx, id: number): Promise<MergedInterests> {
  const [row] = await tx<{ interests: Interests; recent: string[] }[]>`
    select
      coalesce((select jsonb_object_agg(category, jsonb_build_object('weight', weight, 'events', events))
        from interests where profile_id = ${id}), '{}') as interests,
      array(select e.id from events e where e.profile_id = ${id} and ${ofLate(tx, tx`now()`)}) as recent`;
  if (row === undefined) throw new Error('a select without a table answers one row');
  return row;
}

/**
 * Back to what each had, and what events have raised since to whom each came with. `before`: of both, as they were joined.
 * The events have gone back. Everything is told as a difference: events that come in meanwhile raise beside it.
 */
export async function partInterests(
  tx: Tx,
  { kept, merged }: { readonly kept: number; readonly merged: number },
  before: { readonly kept: Interests; readonly merged: MergedInterests },
  since: Date,
): Promise<void> {
  // What is there already was raised by a transaction that did not know of the merge.
  const rows = await tx<(Weight & { category: string; there: boolean })[]>`
    with there as (delete from interests where profile_id = ${merged} returning category, weight, events)
    select category, weight, events, true as there from there
    union all
    select category, weight, events, false from (${raisedBy(
      tx,
      tx`e.profile_id = ${merged} and ${ofLate(tx, tx`${since}::timestamptz`)}
        and e.id <> all(${[...before.merged.recent]}::text[])`,
    )}) raised`;
  const there = byCategory(rows.filter((row) => row.there));
  const theirs = sum(before.merged.interests, byCategory(rows.filter((row) => !row.there)));
  await raise(tx, merged, theirs);
  await lower(tx, kept, less(theirs, there), before.kept);
}

/** What these events have raised goes with them. */
export async function shiftInterests(
  tx: Tx,
  from: number,
  to: number,
  eventIds: readonly string[],
): Promise<void> {
  if (eventIds.length === 0) return;
  const rows = await tx<
    (Weight & { category: string })[]
  >`${raisedBy(tx, tx`e.id = any(${[...eventIds]}::text[])`)}`;
  await raise(tx, to, byCategory(rows));
  await lower(tx, from, byCategory(rows), {});
}

const ofLate = (tx: Tx, moment: postgres.Fragment): postgres.Fragment =>
  tx`e.received_at >= ${moment} - make_interval(mins => ${RECENT_MINUTES})`;

const raisedBy = (tx: Tx, which: postgres.Fragment): postgres.Fragment => tx`
  select left(e.properties ->> (p.definition ->> 'property'), 60) as category,
    sum(interest_weight((p.definition ->> 'points')::float8, e.at)) as weight, count(*)::int as events
  from events e join policies p on p.kind = 'interest' and p.definition ->> 'event' = e.type
  where ${which} and e.properties ->> (p.definition ->> 'property') <> ''
  group by 1`;

const byCategory = (rows: readonly (Weight & { readonly category: string })[]): Interests =>
  Object.fromEntries(rows.map(({ category, weight, events }) => [category, { weight, events }]));

const NOTHING: Weight = { weight: 0, events: 0 };

function sum(a: Interests, b: Interests): Interests {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const [one, other] = [own(a, name) ?? NOTHING, own(b, name) ?? NOTHING];
      return [name, { weight: one.weight + other.weight, events: one.events + other.events }];
    }),
  );
}

function less(a: Interests, b: Interests): Interests {
  return Object.fromEntries(
    Object.entries(a).map(([name, { weight, events }]) => {
      const gone = own(b, name) ?? NOTHING;
      return [name, { weight: weight - gone.weight, events: events - gone.events }];
    }),
  );
}

async function raise(tx: Tx, id: number, by: Interests): Promise<void> {
  await tx`
    insert into interests as i (profile_id, category, weight, events)
    select ${id}, key, (value ->> 'weight')::float8, (value ->> 'events')::int
    from jsonb_each(${JSON.stringify(by)}::text::jsonb) order by key
    on conflict (profile_id, category) do update set weight = i.weight + excluded.weight, events = i.events + excluded.events`;
}

/** Of as many events as `before` it is what it was before, to the last bit. */
async function lower(tx: Tx, id: number, by: Interests, before: Interests): Promise<void> {
  await tx`
    update interests i set events = i.events - (x.value ->> 'events')::int,
      weight = case when (w.value ->> 'events')::int = i.events - (x.value ->> 'events')::int then (w.value ->> 'weight')::float8
        else i.weight - (x.value ->> 'weight')::float8 end
    from jsonb_each(${JSON.stringify(by)}::text::jsonb) x
    left join jsonb_each(${JSON.stringify(before)}::text::jsonb) w on w.key = x.key
    where i.profile_id = ${id} and i.category = x.key and (x.value ->> 'events')::int <> 0`;
  await tx`delete from interests where profile_id = ${id} and events <= 0`;
}
