import { patchOf } from '../../../domain/profiles/profile-input';
import { createMergesStore } from '../../../store/merges-store';
import { mergePatches } from '../../../store/profiles-merge';
import { originOf } from '../../../store/provenance';
import { resolveIdentities } from '../../../store/profile-refs';
import { databaseForEach } from '../../support/database';
import { file, importFile, MAPPING, PEPPER } from '../../support/imports';
import { type Input, put } from '../../support/merging';

const base = databaseForEach(4);

describe('keys of two people in one patch', () => {
  test('a customer number with an address make them one', async () => {
    const { db } = base;
    const a = await put(db, { customerKey: 'k1', email: 'a@exemple.fr' });
    const b = await put(db, { email: 'b@exemple.fr', firstName: 'Béa' });
    const again = await put(db, { customerKey: 'k1', email: 'b@exemple.fr' }, 'shop');
    expect(again).toEqual({ profileId: a.profileId, outcome: 'merged', conflicts: [], originalId: null });
    expect((await createMergesStore(db, PEPPER).of(b.profileId, 5))[0]).toMatchObject({
      kept: a.profileId,
      reason: 'email',
      source: 'shop',
    });
    expect((await put(db, { customerKey: 'k1', email: 'b@exemple.fr' }, 'shop')).outcome).toBe('unchanged');
    expect(await resolveIdentities(db.app, PEPPER, [{ email: 'b@exemple.fr' }, { id: b.profileId }])).toEqual(
      [
        { id: a.profileId, originalId: b.profileId },
        { id: a.profileId, originalId: b.profileId },
      ],
    );
  });

  test('also of people the same file has just brought', async () => {
    const { db } = base;
    const rows: Input[] = [
      { customerKey: 'k1', email: 'a@exemple.fr' },
      { email: 'b@exemple.fr', firstName: 'Béa' },
      { customerKey: 'k1', email: 'b@exemple.fr' },
      { customerKey: 'k3', attributes: { age: 30 } },
      { phone: '0612345678' },
      { customerKey: 'k3', phone: '0612345678' },
    ];
    const patches = rows.map((row) => {
      const made = patchOf(row);
      if (!made.ok) throw new Error('the test gives good values');
      return made.patch;
    });
    const file = () =>
      db.identity.begin((tx) =>
        mergePatches(tx, PEPPER, 'shop', { market: 'FR', locale: 'fr' }, patches, (t) =>
          originOf(t, { source: 'shop', importId: null, steps: {} }),
        ),
      );
    const outcomes = await file();
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([
      'created',
      'created',
      'merged',
      'created',
      'created',
      'merged',
    ]);
    expect(outcomes[2]?.profileId).toBe(outcomes[0]?.profileId);
    expect(await db.app`select reason from profile_merges order by id`).toEqual([
      { reason: 'email' },
      { reason: 'phone' },
    ]);
    const again = await file();
    expect(again.filter(({ outcome, conflicts }) => outcome === 'created' || conflicts.length > 0)).toEqual(
      [],
    );
    expect(await db.app`select from profile_merges`).toHaveLength(2);
  });

  test('one after the other, with many rows between them', async () => {
    const { db } = base;
    const plain = (from: number, count: number): Input[] =>
      Array.from({ length: count }, (_, i) => ({ customerKey: `p${from + i}` }));
    const rows: Input[] = [
      { customerKey: 'k1' },
      { email: 'a@exemple.fr' },
      { customerKey: 'k2' },
      { email: 'b@exemple.fr' },
      { customerKey: 'k1', email: 'a@exemple.fr' },
      ...plain(0, 120),
      { customerKey: 'k2', email: 'b@exemple.fr' },
      ...plain(100, 60),
    ];
    const patches = rows.map((row) => {
      const made = patchOf(row);
      if (!made.ok) throw new Error('the test gives good values');
      return made.patch;
    });
    const outcomes = await db.identity.begin((tx) =>
      mergePatches(tx, PEPPER, 'shop', { market: 'FR', locale: 'fr' }, patches, (t) =>
        originOf(t, { source: 'shop', importId: null, steps: {} }),
      ),
    );
    const kinds = outcomes.map(({ outcome }) => outcome);
    expect(kinds).toHaveLength(rows.length);
    expect(kinds.flatMap((kind, i) => (kind === 'merged' ? [i] : []))).toEqual([4, 125]);
    expect(kinds.filter((kind) => kind === 'unchanged')).toHaveLength(20);
    expect(await db.app`select from profile_merges`).toHaveLength(2);
    expect(await db.app`select from profiles where merged_into is null`).toHaveLength(162);
  });

  test('two customer numbers are two people', async () => {
    const { db } = base;
    await put(db, { customerKey: 'k1' });
    await put(db, { customerKey: 'k2', email: 'b@exemple.fr' });
    expect(await put(db, { customerKey: 'k1', email: 'b@exemple.fr' })).toMatchObject({
      conflicts: ['email'],
      outcome: 'unchanged',
    });
    expect(await db.app`select from profile_merges`).toHaveLength(0);
  });

  test('however often they share an address, and whichever of them comes first', async () => {
    const { db } = base;
    const anne = await put(db, { customerKey: 'fam-1', email: 'fam@exemple.fr', firstName: 'Anne' });
    const paul = await put(db, { customerKey: 'fam-2', email: 'fam@exemple.fr', firstName: 'Paul' });
    expect(paul).toMatchObject({ outcome: 'created', conflicts: ['email'] });
    const rows = Array.from({ length: 40 }, (_, i) => `f${i},famille@exemple.fr,,P${i},75011,,,,oui,`);
    await importFile(db, 'families', MAPPING, file(...rows));
    const [counted] = await db.app<{ people: number; addresses: number }[]>`
      select count(*) as people, count(email_fp) as addresses from profiles`;
    expect(counted).toEqual({ people: 42, addresses: 2 });
    const named = db.identity`select first_name from identity.people where profile_id = ${anne.profileId}`;
    expect(await named).toEqual([{ first_name: 'Anne' }]);
  });

  test('a telephone brings in only whom nothing else is known of', async () => {
    const { db } = base;
    await put(db, { phone: '0612345678', firstName: 'Anne' });
    const a = await put(db, { customerKey: 'k1', firstName: 'anne' });
    expect(await put(db, { customerKey: 'k1', phone: '0612345678' })).toMatchObject({
      profileId: a.profileId,
      outcome: 'merged',
      conflicts: [],
    });
    await put(db, { customerKey: 'k2', firstName: 'Zoé' });
    expect(await put(db, { customerKey: 'k2', phone: '0612345678' })).toMatchObject({ conflicts: ['phone'] });
  });
});
