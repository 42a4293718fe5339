import type { Tx } from '../db';

/** Weight and number of events, by category. */
export type Interests = Readonly<Record<string, { readonly weight: number; readonly events: number }>>;

export async function interestsOf(tx: Tx, id: number): Promise<Interests> {
  const rows = await tx<{ category: string; weight: number; events: number }[]>`
    select category, weight, events from interests where profile_id = ${id} order by category`;
  return Object.fromEntries(rows.map(({ category, weight, events }) => [category, { weight, events }]));
}

/** Weights add, for interest is a sum over events. */
export async function joinInterests(tx: Tx, kept: number, merged: number): Promise<void> {
  await tx`
    insert into interests as i (profile_id, category, weight, events)
    select ${kept}, category, weight, events from interests where profile_id = ${merged}
    on conflict (profile_id, category) do update set weight = i.weight + excluded.weight, events = i.events + excluded.events`;
  await tx`delete from interests where profile_id = ${merged}`;
}

/**
 * Back to what each had, and what events have raised since to whom each came with. `before`: of both, as they were joined.
 * The events have gone back.
 */
export async function partInterests(
  tx: Tx,
  ids: { readonly kept: number; readonly merged: number },
  before: { readonly kept: Interests; readonly merged: Interests },
  since: Date,
): Promise<void> {
  const theirs = await raisedSince(tx, ids.merged, since);
  const now = await interestsOf(tx, ids.kept);
  const merged = sum(before.merged, theirs);
  await write(tx, ids.merged, merged);
  await write(tx, ids.kept, less(now, merged, before.kept));
}

async function raisedSince(tx: Tx, id: number, since: Date): Promise<Interests> {
  const rows = await tx<{ category: string; weight: number; events: number }[]>`
    select left(e.properties ->> (p.definition ->> 'property'), 60) as category,
      sum(interest_weight((p.definition ->> 'points')::float8, e.at)) as weight, count(*) as events
    from events e join policies p on p.kind = 'interest' and p.definition ->> 'event' = e.type
    where e.profile_id = ${id} and e.received_at >= ${since} and e.properties ->> (p.definition ->> 'property') <> ''
    group by 1`;
  return Object.fromEntries(rows.map(({ category, weight, events }) => [category, { weight, events }]));
}

function sum(a: Interests, b: Interests): Interests {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      {
        weight: (a[name]?.weight ?? 0) + (b[name]?.weight ?? 0),
        events: (a[name]?.events ?? 0) + (b[name]?.events ?? 0),
      },
    ]),
  );
}

/** What is left of a sum. Of as many events as before it is what it was before, to the last bit. */
function less(now: Interests, gone: Interests, before: Interests): Interests {
  return Object.fromEntries(
    Object.entries(now).flatMap(([name, { weight, events }]) => {
      const left = events - (gone[name]?.events ?? 0);
      if (left <= 0) return [];
      const was = before[name];
      return [
        [
          name,
          was?.events === left ? was : { weight: weight - (gone[name]?.weight ?? 0), events: left },
        ] as const,
      ];
    }),
  );
}

async function write(tx: Tx, id: number, interests: Interests): Promise<void> {
  const rows = Object.entries(interests).map(([category, { weight, events }]) => ({
    category,
    weight,
    events,
  }));
  await tx`delete from interests where profile_id = ${id}`;
  await tx`
    insert into interests (profile_id, category, weight, events)
    select ${id}, category, weight, events
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as x(category text, weight float8, events int)`;
}
