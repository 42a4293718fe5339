import { createSegmentsStore } from '../../../store/segments-store';
import { putLive } from '../../support/segments';
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

test('a version goes live only once it was tried, and never where segments name each other in a circle', async () => {
  const sql = database.db.app;
  const segments = createSegmentsStore(sql);
  const { version } = await segments.put('tried', { name: 'Tried', rule: { everyone: true } }, 'anne');
  await expect(segments.goLive('tried', version, 'anne')).rejects.toMatchObject({
    code: 'segment-not-simulated',
  });
  expect(await putLive(sql, 'tried', { everyone: true }, 'Tried')).toMatchObject({
    version: 1,
    builtAt: null,
  });
  const { epoch } = await epochOf();
  await putLive(sql, 'tried', { everyone: true }, 'Tried');
  expect(await epochOf()).toEqual({ epoch });
  await segments.put('tried', { name: 'Tried', rule: { segment: 'other' } }, 'anne');
  expect(await segments.get('tried')).toMatchObject({ version: 2, liveVersion: 1 });
  await putLive(sql, 'other', { segment: 'tried' });
  await expect(putLive(sql, 'tried', { segment: 'other' })).rejects.toMatchObject({ code: 'segment-cycle' });
  await expect(
    putLive(sql, 'tried', { attribute: 'age', op: 'gt', times: 2, meanOf: 'tried' }),
  ).rejects.toMatchObject({ code: 'segment-cycle' });
  await expect(putLive(sql, 'lost', { segment: 'nobody' })).rejects.toMatchObject({
    code: 'segment-unknown',
  });
  await expect(
    putLive(sql, 'meant', { attribute: 'age', op: 'gt', times: 2, meanOf: 'nobody' }),
  ).rejects.toMatchObject({ code: 'segment-unknown', faults: [{ path: '/rule' }] });
  expect((await epochOf()).epoch).toBe(epoch + 1);
  await putLive(sql, 'tried', { attribute: 'age', op: 'gt', value: 3 });
  const lives = await sql<{ version: number; over: boolean }[]>`
    select version, to_at is not null as over from segment_lives where key = 'tried' order by from_at`;
  expect([...lives]).toEqual([
    { version: 1, over: true },
    { version: 5, over: false },
  ]);

  async function epochOf(): Promise<{ epoch: number }> {
    const [row] = await sql<{ epoch: number }[]>`select epoch from rules_epoch`;
    return { epoch: row?.epoch ?? 0 };
  }
});

test('how many a rule holds for', async () => {
  const sql = database.db.app;
  await sql`insert into profiles (attributes, source) select jsonb_build_object('age', n), 'test' from generate_series(1, 50) n`;
  expect(await createSegmentsStore(sql).count({ attribute: 'age', op: 'gt', value: 40 })).toBe(10);
});
