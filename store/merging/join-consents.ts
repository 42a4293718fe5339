import { endConsents } from '../consent-append';
import type { Tx } from '../db';

interface No {
  readonly purpose: string;
  readonly channel: string;
  readonly action: 'withdrawn' | 'objected';
}

export interface JoiningConsents {
  readonly kept: number;
  readonly merged: number;
  readonly mergeId: number;
  readonly by: string;
}

/** Where what ends a consent because of a merge comes from. */
const SOURCE = 'profile-merge';

/** What either profile has said no to. Asked before their records are joined. */
export async function noesOf(tx: Tx, ids: readonly number[]): Promise<No[]> {
  return [
    ...(await tx<No[]>`
      select c.purpose, c.channel, case when bool_or(e.action = 'objected') then 'objected' else 'withdrawn' end as action
      from consent_state c join consent_events e on e.id = c.event_id
      where c.profile_id = any(${[...ids]}::bigint[]) and not c.granted
      group by 1, 2 order by 1, 2`),
  ];
}

/**
 * The state of both as one: the latest of either holds, but a no of one of them outweighs a later yes of the other, who may
 * not have known. That no is put on record, as of now: only what is said from now on lifts it. The events have moved.
 */
export async function joinConsents(
  tx: Tx,
  { kept, merged, mergeId, by }: JoiningConsents,
  noes: readonly No[],
): Promise<void> {
  // Nothing is left behind: a link of an old message ends what holds for the kept profile, whatever held for this one. In one
  // statement: what is said of the merged profile meanwhile is either in it or still there for the stragglers.
  await tx`
    with gone as (delete from consent_state where profile_id = ${merged} returning *)
    insert into consent_state as c (profile_id, purpose, channel, granted, expires_at, event_id, at)
    select ${kept}, purpose, channel, granted, expires_at, event_id, at from gone
    on conflict (profile_id, purpose, channel) do update
      set granted = excluded.granted, expires_at = excluded.expires_at, event_id = excluded.event_id, at = excluded.at
      where (excluded.at, not excluded.granted, excluded.event_id) > (c.at, not c.granted, c.event_id)`;
  await endConsents(
    tx,
    noes.map((no) => ({
      ...no,
      profileId: kept,
      source: SOURCE,
      evidence: { merge: mergeId },
      recordedBy: by,
    })),
  );
}

/**
 * The states of both as their own records come to, once their events have gone back and what the merge itself put on record
 * is taken off. A no that came while they were one holds for both: nobody knows which of them said it.
 */
export async function partConsents(
  tx: Tx,
  { kept, merged, mergeId, by, since }: JoiningConsents & { readonly since: Date },
): Promise<void> {
  const both = [kept, merged];
  await tx`
    delete from consent_events
    where profile_id = any(${both}::bigint[]) and source = ${SOURCE} and evidence = ${JSON.stringify({ merge: mergeId })}::text::jsonb`;
  await tx`delete from consent_state where profile_id = any(${both}::bigint[])`;
  await tx`
    insert into consent_state as c (profile_id, purpose, channel, granted, expires_at, event_id, at)
    select distinct on (profile_id, purpose, channel)
      profile_id, purpose, channel, action = 'granted', case when action = 'granted' then expires_at end, id, at
    from consent_events where profile_id = any(${both}::bigint[]) and action <> 'requested'
    order by profile_id, purpose, channel, at desc, action = 'granted', id desc
    on conflict (profile_id, purpose, channel) do update
      set granted = excluded.granted, expires_at = excluded.expires_at, event_id = excluded.event_id, at = excluded.at
      where (excluded.at, not excluded.granted, excluded.event_id) > (c.at, not c.granted, c.event_id)`;
  const later = await tx<(No & { id: number })[]>`
    select c.profile_id as id, c.purpose, c.channel, case when e.action = 'objected' then 'objected' else 'withdrawn' end as action
    from consent_state c join consent_events e on e.id = c.event_id
    where c.profile_id = any(${both}::bigint[]) and not c.granted and e.recorded_at >= ${since}
    order by 1, 2, 3`;
  await endConsents(
    tx,
    later.map(({ id, ...no }) => ({
      ...no,
      profileId: id === kept ? merged : kept,
      source: SOURCE,
      evidence: { merge: mergeId, undone: true },
      recordedBy: by,
    })),
  );
}
