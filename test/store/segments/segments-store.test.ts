import { createPersonaMatrixStore } from '../../../store/persona-matrix-store';
import { createSegmentsStore } from '../../../store/segments-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase(4);
});
afterAll(() => database.close());

test('a change is a new version, the same again is not, and two writers take two versions', async () => {
  const segments = createSegmentsStore(database.db.app);
  const adults = { attribute: 'age', op: 'gte', value: 18 };
  expect(await segments.put('adults', { name: 'Adultes', rule: adults }, 'anne')).toMatchObject({
    version: 1,
    rule: adults,
  });
  expect(await segments.put('adults', { name: 'Adultes', rule: adults }, 'bob')).toMatchObject({
    version: 1,
    createdBy: 'anne',
  });
  const both = await Promise.all(
    [20, 21].map((value) => segments.put('adults', { name: 'Adultes', rule: { ...adults, value } }, 'bob')),
  );
  expect(both.map((s) => s.version).sort()).toEqual([2, 3]);
  expect(await segments.get('adults', 1)).toMatchObject({ rule: adults });
  expect((await segments.list()).map((s) => [s.key, s.version])).toEqual([['adults', 3]]);
  expect(await segments.get('nobody')).toBeNull();
  await expect(
    segments.put('x', { name: 'x', rule: { attribute: 'age', op: 'like', value: 1 } }, 'bob'),
  ).rejects.toMatchObject({
    code: 'segment-invalid',
  });
});

test('how many a rule holds for', async () => {
  const sql = database.db.app;
  await sql`insert into profiles (attributes, source) select jsonb_build_object('age', n), 'test' from generate_series(1, 50) n`;
  expect(await createSegmentsStore(sql).count({ attribute: 'age', op: 'gt', value: 40 })).toBe(10);
});

test('the matrix is versioned by its text and refused with line and column', async () => {
  const matrix = createPersonaMatrixStore(database.db.app);
  const csv = (message: string): string =>
    `segment_id,value_tier,behavior_cluster,state,key_message,visual_guideline,offer_code\nadults,high,regular,active,${message},chaud,P10\n`;
  expect(await matrix.get()).toBeNull();
  expect(await matrix.put(csv('Bonjour'), 'anne')).toMatchObject({
    version: 1,
    rows: [{ segment_id: 'adults', key_message: 'Bonjour' }],
  });
  expect((await matrix.put(csv('Bonjour'), 'anne')).version).toBe(1);
  expect((await matrix.put(csv('Merci'), 'anne')).version).toBe(2);
  expect((await matrix.get(1))?.rows[0]?.key_message).toBe('Bonjour');
  await expect(matrix.put(csv(''), 'anne')).rejects.toMatchObject({
    code: 'matrix-invalid',
    faults: [{ path: 'line 2, key_message', message: 'this cell is empty' }],
  });
});
