import { armBounds } from '../../../domain/experiments/assign';
import { assignmentHash, belowSql, digestSql, numberSql, shareBound } from '../../../store/assignment';
import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { scenario } from '../../support/people';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase(4);
});
afterAll(() => database.close());

/** sha256 of salt, U+001F, id, worked out with another tool: a change here moves people between arms. */
const VECTORS = [
  ['seed.part', 1, '2f43c88f08795'],
  ['seed.arm', 42, '385702719f3df'],
  ['été \\x00', 9_007_199_254_740_991, 'a163c86a8f719'],
] as const;

test.each(VECTORS)('%s and %d fall where they always fell', (salt, id, digits) => {
  expect(assignmentHash(salt, id)).toBe(parseInt(digits, 16) / 2 ** 52);
});

test('SQL and TypeScript agree on the number, and on who is below a share', async () => {
  const sql = database.db.app;
  const shares = [0, 1e-17, 0.1, 0.3, 1 / 3, 0.5, 0.999999, 1];
  for (const salt of ['holdout-2026', 'été \\ "\'', 'seed.arm']) {
    const rows = await sql<{ id: number; number: number }[]>`
      select id, ${numberSql(sql, digestSql(sql, salt, sql`id`))} as number
      from (select n::bigint * 7919 as id from generate_series(1, 3000) n) x order by id`;
    expect(rows.map((r) => r.number)).toEqual(rows.map((r) => assignmentHash(salt, r.id)));
    for (const share of shares) {
      const [below] = await sql<{ n: number }[]>`
        select count(*) as n from (select n::bigint * 7919 as id from generate_series(1, 3000) n) x
        where ${belowSql(sql, digestSql(sql, salt, sql`id`), share)}`;
      expect(below?.n).toBe(rows.filter((r) => r.number < share).length);
    }
  }
});

test('a bound keeps the digits of a share', () => {
  expect(shareBound(0.5)?.toString('hex')).toBe('80000000000000');
  expect(shareBound(0)?.toString('hex')).toBe('00000000000000');
  expect(shareBound(1)).toBeNull();
});

test('arms take their weights', () => {
  const three = scenarioSchema.parse(
    scenario({ arms: [1, 2, 1].map((weight, i) => ({ key: `a${i}`, label: 'x', weight })) }),
  );
  expect(armBounds(three.arms)).toEqual([0.25, 0.75, 1]);
});
