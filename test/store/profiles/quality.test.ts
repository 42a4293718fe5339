import { patchOf } from '../../../domain/profiles/profile-input';
import { sourceSchema } from '../../../domain/profiles/source';
import { sweepShared } from '../../../store/consistency-sweep';
import { createDataQualityStore } from '../../../store/data-quality-store';
import { createMergesStore } from '../../../store/merges-store';
import { createPoliciesStore } from '../../../store/policies-store';
import { createProfilesStore } from '../../../store/profiles-store';
import { createSourcesStore } from '../../../store/sources-store';
import { databaseForEach } from '../../support/database';
import { PEPPER } from '../../support/imports';

const base = databaseForEach(4);

async function put(input: Parameters<typeof patchOf>[0], source = 'api'): Promise<number> {
  const made = patchOf(input);
  if (!made.ok) throw new Error('the test gives good values');
  return (await createProfilesStore(base.db, PEPPER).upsert(made.patch, source)).profileId;
}

const doubtful = async (): Promise<Record<string, string[]>> =>
  Object.fromEntries(
    (
      await base.db.app<{ id: number; doubtful: string[] }[]>`
        select id, doubtful from profiles where doubtful <> '{}' order by id`
    ).map((row) => [row.id, row.doubtful]),
  );

test('a telephone with many people and an address with many telephones are doubted while they are', async () => {
  const { db } = base;
  const policies = createPoliciesStore(db.app);
  await policies.put('consistency', 'phone', { check: 'shared-phone', people: 3 }, 'anne');
  await policies.put('consistency', 'address', { check: 'shared-address', phones: 2 }, 'anne');
  const first = await put({ customerKey: 'k1', phone: '0612345678' });
  const second = await put({ customerKey: 'k2', phone: '0612345678' });
  // Said twice is one person.
  await put({ customerKey: 'k2', phone: '0612345678' });
  expect(await sweepShared(db.app)).toEqual({ doubted: 0, believed: 0 });
  await put({ customerKey: 'k3', phone: '0612345678' });
  const home = { address1: '1 rue Haute', postcode: '75011', city: 'Paris' };
  const a = await put({ customerKey: 'k4', phone: '0611111111', ...home });
  const b = await put({ customerKey: 'k5', phone: '0622222222', ...home });
  const alone = await put({ customerKey: 'k6', phone: '0633333333', ...home, address1: '2 rue Haute' });
  expect(await sweepShared(db.app)).toEqual({ doubted: 3, believed: 0 });
  expect(await sweepShared(db.app)).toEqual({ doubted: 0, believed: 0 });
  expect(await doubtful()).toEqual({ [first]: ['phone'], [a]: ['address1'], [b]: ['address1'] });
  expect(alone).toBeGreaterThan(b);
  // Two of them were one person.
  await createMergesStore(db, PEPPER).merge({
    kept: first,
    merged: second,
    reason: 'by hand',
    source: 'test',
    by: 'anne',
  });
  await policies.remove('consistency', 'address', 'anne');
  expect(await sweepShared(db.app)).toEqual({ doubted: 0, believed: 3 });
  expect(await doubtful()).toEqual({});
});

test('missing, doubtful, stale and duplicate, by field, source and day', async () => {
  const { db } = base;
  await createPoliciesStore(db.app).put(
    'consistency',
    'hosts',
    { check: 'mistyped-host', hosts: ['gmial.com'] },
    'anne',
  );
  await createSourcesStore(db.app).put(
    'till',
    sourceSchema.parse({ owner: 'caisse', format: 'csv', legalBasis: 'contract', staleDays: 30 }),
    'anne',
  );
  const anne = await put(
    { customerKey: 'k1', email: 'a@gmial.com', firstName: 'Anne', lastName: 'Un', postcode: '75011' },
    'till',
  );
  await put(
    { customerKey: 'k2', firstName: 'ANNE', lastName: 'un', postcode: '75011', phone: '0612345678' },
    'web',
  );
  await put(
    { customerKey: 'k3', firstName: 'Zoé', lastName: 'Un', attributes: { birth_date: '1990-01-01' } },
    'web',
  );
  await put({ customerKey: 'k4', phone: '0612345678' }, 'till');
  const [origin] = await db.app<{ id: number }[]>`
    insert into origins (source, steps, at) values ('till', '{}', now() - interval '40 days') returning id`;
  await db.app`
    insert into profile_origins (profile_id, fields) values (${anne}, ${JSON.stringify({ email: origin?.id })}::text::jsonb)
    on conflict (profile_id) do update set fields = profile_origins.fields || excluded.fields`;

  const quality = createDataQualityStore(db);
  expect(await quality.count('2026-06-01')).toBe(true);
  const of = async (source: string, field: string) => {
    const [row] = await quality.read({ source, field, limit: 1 });
    return row && [row.profiles, row.missing, row.doubtful, row.stale, row.duplicate];
  };
  expect(await of('*', 'customerKey')).toEqual([4, 0, 0, 0, 0]);
  expect(await of('*', 'email')).toEqual([4, 3, 1, 1, 0]);
  expect(await of('till', 'email')).toEqual([2, 1, 1, 1, 0]);
  expect(await of('web', 'email')).toEqual([2, 2, 0, 0, 0]);
  expect(await of('*', 'lastName')).toEqual([4, 1, 0, 0, 2]);
  expect(await of('till', 'lastName')).toEqual([2, 1, 0, 0, 1]);
  expect(await of('*', 'phone')).toEqual([4, 3, 0, 0, 2]);
  expect(await of('web', 'attributes.birth_date')).toEqual([2, 1, 0, 0, 0]);

  // History: a later day beside the earlier one, and a day counted again in its own place.
  await put({ customerKey: 'k4', email: 'd@exemple.fr' }, 'till');
  await quality.count('2026-06-02');
  await quality.count('2026-06-02');
  expect(
    (await quality.read({ from: '2026-06-01', source: '*', field: 'email', limit: 9 })).map((row) => [
      row.day,
      row.missing,
    ]),
  ).toEqual([
    ['2026-06-02', 2],
    ['2026-06-01', 3],
  ]);
  expect(new Set((await quality.read({ limit: 999 })).map(({ day }) => day))).toEqual(
    new Set(['2026-06-02']),
  );
  expect(await quality.read({ to: '2026-05-31', limit: 9 })).toEqual([]);
});
