import { drawnHoldouts, holdoutSchema, type HoldoutPolicy } from '../../../domain/delivery/holdout';

const policy = (change: Partial<HoldoutPolicy> = {}): HoldoutPolicy =>
  holdoutSchema.parse({ share: 0.05, start: '2026-01-01', period: 'month', ...change });
const saltAt = (now: string, change: Partial<HoldoutPolicy> = {}): string | undefined =>
  drawnHoldouts({ all: policy(change) }, new Date(now))[0]?.salt;

test.each<[string, HoldoutPolicy['period'], string]>([
  ['2026-07-31T21:59:59Z', 'month', 'holdout.all.2026-07'],
  ['2026-07-31T22:00:00Z', 'month', 'holdout.all.2026-08'],
  ['2026-09-30T21:59:59Z', 'quarter', 'holdout.all.2026-Q3'],
  ['2026-09-30T22:00:00Z', 'quarter', 'holdout.all.2026-Q4'],
  ['2026-12-31T22:59:59Z', 'year', 'holdout.all.2026'],
  ['2026-12-31T23:00:00Z', 'year', 'holdout.all.2027'],
  ['2031-05-05T12:00:00Z', 'none', 'holdout.all.always'],
])('at %s the draw by %s is %s', (now, period, salt) => {
  expect(saltAt(now, { period })).toBe(salt);
});

test('it begins on its day, in the time zone of its market', () => {
  expect(saltAt('2025-12-31T22:59:59Z')).toBeUndefined();
  expect(saltAt('2025-12-31T23:00:00Z')).toBe('holdout.all.2026-01');
  expect(saltAt('2026-01-01T03:59:59Z', { market: 'MQ' })).toBeUndefined();
  expect(saltAt('2026-01-01T04:00:00Z', { market: 'MQ' })).toBe('holdout.all.2026-01');
});

test('a salt draws other people of the same period', () => {
  expect(saltAt('2026-07-06T00:00:00Z', { salt: 'again' })).toBe('holdout.all.again.2026-07');
});

test.each([{ share: 0 }, { share: 0.6 }, { start: '2026-02-30' }, { period: 'week' }])(
  'a holdout of %p is refused',
  (change) => {
    const given = { share: 0.1, start: '2026-01-01', period: 'month', ...change };
    expect(holdoutSchema.safeParse(given).success).toBe(false);
  },
);
