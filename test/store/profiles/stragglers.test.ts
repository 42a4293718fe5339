import { patchOf } from '../../../domain/profiles/profile-input';
import type { Db } from '../../../store/db';
import { createMergesStore } from '../../../store/merges-store';
import { bringStragglers } from '../../../store/merging/stragglers';
import { createPoliciesStore } from '../../../store/policies-store';
import { createProfilesStore } from '../../../store/profiles-store';
import { databaseForEach } from '../../support/database';
import { PEPPER } from '../../support/imports';

const base = databaseForEach(4);

async function person(db: Db, customerKey: string): Promise<number> {
  const made = patchOf({ customerKey });
  if (!made.ok) throw new Error('the test gives good values');
  return (await createProfilesStore(db, PEPPER).upsert(made.patch, 'api')).profileId;
}

/** Three people made one by two merges, the second of which takes the first along; and an interest in what is viewed. */
async function chain(db: Db) {
  await createPoliciesStore(db.app).put(
    'interest',
    'views',
    { event: 'product-view', property: 'category', points: 3 },
    'anne',
  );
  const merges = createMergesStore(db, PEPPER);
  const [a, b, c] = [await person(db, 'a'), await person(db, 'b'), await person(db, 'c')];
  const merge = (kept: number, merged: number): Promise<number> =>
    merges.merge({ kept, merged, reason: 'by hand', source: 'test', by: 'anne' });
  const [first, second] = [await merge(b, c), await merge(a, b)];
  return { a, b, c, merge, first, second, undo: (id: number) => merges.undo(id, 'anne') };
}

/** A view of chairs that was on its way to `profile` for `original` while `meanwhile` was done. */
const viewed = (
  db: Db,
  profile: number,
  original: number,
  meanwhile: () => Promise<unknown>,
): Promise<unknown> =>
  db.app.begin(async (tx) => {
    await tx`
      insert into events (id, profile_id, original_id, type, at, properties)
      values ('late', ${profile}, ${original}, 'product-view', now(), '{"category":"chairs"}')`;
    await meanwhile();
  });

const whose = async (db: Db) => ({
  events: await db.app`select profile_id, original_id from events`,
  interests: await db.app`select profile_id, events from interests`,
});

test('an event on its way while a chain of merges is undone ends with the one it came for, its interest too', async () => {
  const { db } = base;
  const { a, c, first, second, undo } = await chain(db);
  await viewed(db, a, c, async () => {
    await undo(second);
    await undo(first);
  });
  await bringStragglers(db.identity);
  expect(await whose(db)).toEqual({
    events: [{ profile_id: c, original_id: null }],
    interests: [{ profile_id: c, events: 1 }],
  });
});

test('it follows to the one its own has been merged into since', async () => {
  const { db } = base;
  const { a, b, c, first, second, undo, merge } = await chain(db);
  const d = await person(db, 'd');
  await viewed(db, a, c, async () => {
    await undo(second);
    await undo(first);
    await merge(d, c);
  });
  await bringStragglers(db.identity);
  expect(await whose(db)).toEqual({
    events: [{ profile_id: d, original_id: c }],
    interests: [{ profile_id: d, events: 1 }],
  });
  expect(await db.app`select id from profiles where merged_into is null order by id`).toEqual(
    [a, b, d].map((id) => ({ id })),
  );
});
