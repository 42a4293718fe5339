import { joinProfiles, type Joined } from '../domain/profiles/join';
import type { KnownProfile } from '../domain/profiles/merge';
import { goneWith, partProfile, partRecord } from '../domain/profiles/part';
import { BoucleError } from '../domain/shared/errors';
import type { Tx } from './db';
import { fingerprints } from './fingerprint';
import { lockMerging, writeKnown } from './known-profiles';
import { joinConsents, noesOf, partConsents } from './merging/join-consents';
import {
  interestsOf,
  joinInterests,
  mergedInterestsOf,
  partInterests,
  type Interests,
  type MergedInterests,
} from './merging/join-interests';
import {
  joinPreferences,
  partPreferences,
  preferencesOf,
  type Preferences,
} from './merging/join-preferences';
import { addressesOf, joinSuppressions, partSuppressions } from './merging/join-suppressions';
import { giveBackRows, identitiesOf, moveRows } from './merging/move-rows';
import { sideOf, writeOrigins, type StoredSide } from './merging/sides';

export interface MergeRequest {
  readonly kept: number;
  readonly merged: number;
  /** The key they share, or words of whoever asked. */
  readonly reason: string;
  /** Where it was learnt. */
  readonly source: string;
  readonly by: string;
}

/** The kept profile at a moment, as far as a merge changes it. */
interface Snapshot {
  readonly known: KnownProfile;
  readonly origins: Readonly<Record<string, number>>;
  readonly preferences: Preferences;
  readonly interests: Interests;
}

/**
 * Makes two profiles one: `kept` takes the later word field by field, and everything that came with `merged`, which
 * goes on existing as it was but for its consents and interests, stands for nobody and leaves every segment. Answers the
 * id it is undone by. Throws not-found, or conflict where either has been merged into another already. Needs the identity
 * role.
 */
export async function mergeProfiles(
  tx: Tx,
  pepper: string,
  { kept, merged, reason, source, by }: MergeRequest,
): Promise<{ readonly id: number; readonly won: Joined['won'] }> {
  await lockMerging(tx);
  await lockStanding(tx, kept, merged);
  const ids = { kept, merged };
  const both = [kept, merged];
  const [into, from] = [await knownSide(tx, kept), await knownSide(tx, merged)];
  const joined = joinProfiles(into, from);
  const [before, theirs] = [await snapshot(tx, kept, into), await mergedInterestsOf(tx, merged)];
  const [noes, addresses] = [await noesOf(tx, both), await addressesOf(tx, both)];

  const [merge] = await tx<{ id: number }[]>`
    insert into profile_merges (kept, merged, reason, source, won, merged_by)
    values (${kept}, ${merged}, ${reason}, ${source}, ${JSON.stringify(joined.won)}::text::jsonb, ${by})
    returning id`;
  if (merge === undefined) throw new Error('a merge was not written');
  await writeKnown(tx, fingerprints(pepper), [{ id: kept, known: joined.known }]);
  await writeOrigins(tx, kept, joinedOrigins(joined, into, from));
  await moveRows(tx, merged, kept);
  await joinConsents(tx, { ...ids, mergeId: merge.id, by }, noes);
  await joinInterests(tx, kept, merged);
  await joinPreferences(tx, kept, merged);
  await joinSuppressions(tx, { ...ids, mergeId: merge.id, by }, addresses);
  await tx`update profiles set merged_into = ${kept}, updated_at = now() where id = ${merged}`;

  const after = await snapshot(tx, kept, await knownSide(tx, kept));
  await tx`
    insert into identity.merge_snapshots (merge_id, before, after)
    values (${merge.id}, ${JSON.stringify({ ...before, theirs })}::text::jsonb, ${JSON.stringify(after)}::text::jsonb)`;
  await touch(tx, both);
  return { id: merge.id, won: joined.won };
}

/**
 * Two profiles again. Everything goes back to the identity it came with, also what came since; of the kept profile's
 * fields, what has changed since stays. Throws not-found; conflict where it has been undone, where the profiles it joined
 * have been merged again since (the later merge is undone first), or where what it takes has been swept away.
 */
export async function undoMerge(tx: Tx, pepper: string, id: number, by: string): Promise<void> {
  await lockMerging(tx);
  const merge = await openMerge(tx, id);
  const { kept, merged, at } = merge;
  await lockBoth(tx, kept, merged);
  const [snapshots] = await tx<{ before: Snapshot & { theirs: MergedInterests }; after: Snapshot }[]>`
    delete from identity.merge_snapshots where merge_id = ${id} returning before, after`;
  if (snapshots === undefined)
    throw new BoucleError('conflict', 'It was merged so long ago that what it takes to undo it is gone.');
  const { before, after } = snapshots;

  await tx`update profile_merges set undone_by = ${by}, undone_at = clock_timestamp() where id = ${id}`;
  await tx`update profiles set merged_into = null, updated_at = now() where id = ${merged}`;
  const now = await snapshot(tx, kept, await knownSide(tx, kept));
  const gone = goneWith((await knownSide(tx, merged)).known, after.known, now.known);
  const known = partProfile(before.known, after.known, now.known, gone);
  await writeKnown(tx, fingerprints(pepper), [{ id: kept, known }]);
  await writeOrigins(tx, kept, partRecord(before.origins, after.origins, now.origins, gone));
  await giveBackRows(tx, kept, merged, await identitiesOf(tx, merged));
  await partConsents(tx, { kept, merged, mergeId: id, by, since: at });
  await partInterests(tx, { kept, merged }, { kept: before.interests, merged: before.theirs }, at);
  await partPreferences(tx, kept, before.preferences, after.preferences);
  await partSuppressions(tx, id);
  await touch(tx, [kept, merged]);
}

async function openMerge(tx: Tx, id: number): Promise<{ kept: number; merged: number; at: Date }> {
  const [merge] = await tx<{ kept: number; merged: number; at: Date; undone: boolean }[]>`
    select kept, merged, merged_at as at, undone_at is not null as undone from profile_merges where id = ${id} for update`;
  if (merge === undefined) throw new BoucleError('not-found', 'There is no such merge.');
  if (merge.undone) throw new BoucleError('conflict', 'The merge is undone already.');
  const [later] = await tx<{ id: number }[]>`
    select id from profile_merges
    where undone_at is null and id > ${id} and (kept = ${merge.kept} or merged = ${merge.kept})
    order by id desc limit 1`;
  if (later !== undefined)
    throw new BoucleError(
      'conflict',
      `The profile has been merged again since: undo merge ${later.id} first.`,
    );
  return merge;
}

/** Locks two profiles that both stand for themselves. */
async function lockStanding(tx: Tx, kept: number, merged: number): Promise<void> {
  if (kept === merged) throw new BoucleError('conflict', 'A profile cannot be merged into itself.');
  const rows = await lockBoth(tx, kept, merged);
  if (rows.length < 2) throw new BoucleError('not-found', 'No such profile.');
  const gone = rows.find((row) => row.merged_into !== null);
  if (gone !== undefined)
    throw new BoucleError('conflict', `Profile ${gone.id} is merged into ${gone.merged_into} already.`);
}

/** In the order in which an event takes them that comes in meanwhile: interests, clocks, profiles. */
async function lockBoth(
  tx: Tx,
  kept: number,
  merged: number,
): Promise<{ id: number; merged_into: number | null }[]> {
  await tx`
    select from interests where profile_id in (${kept}, ${merged}) order by profile_id, category for update`;
  await tx`select from profile_clock where profile_id in (${kept}, ${merged}) order by profile_id for update`;
  return tx<{ id: number; merged_into: number | null }[]>`
    select id, merged_into from profiles where id in (${kept}, ${merged}) order by id for update`;
}

async function knownSide(tx: Tx, id: number): Promise<StoredSide> {
  const side = await sideOf(tx, id);
  if (side === null) throw new BoucleError('not-found', 'No such profile.');
  return side;
}

async function snapshot(tx: Tx, id: number, { known, origins }: StoredSide): Promise<Snapshot> {
  return { known, origins, preferences: await preferencesOf(tx, id), interests: await interestsOf(tx, id) };
}

function joinedOrigins({ won, taken }: Joined, into: StoredSide, from: StoredSide): Record<string, number> {
  const theirs = new Set(taken);
  return Object.fromEntries(
    Object.keys(won).flatMap((name) => {
      const origin = (theirs.has(name) ? from : into).origins[name];
      return origin === undefined ? [] : [[name, origin]];
    }),
  );
}

/** Judged again: one stands for nobody now, the other for more, or each for itself. */
async function touch(tx: Tx, ids: readonly number[]): Promise<void> {
  await tx`insert into profile_touches (profile_id) select * from unnest(${[...ids]}::bigint[])`;
}
