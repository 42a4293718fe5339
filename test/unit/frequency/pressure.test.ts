import fc from 'fast-check';
import { countsAgainst, pressureOf, quantile, strictestCap } from '../../../domain/frequency/pressure';

test('people by their contacts, those without any among them', () => {
  const tallies = [
    { contacts: 1, people: 50 },
    { contacts: 2, people: 30 },
    { contacts: 7, people: 5 },
  ];
  expect(pressureOf(tallies, 100)).toEqual({
    people: 100,
    histogram: { none: 15, one: 50, two: 30, three: 0, atLeast4: 5 },
    mean: (50 + 60 + 35) / 100,
    p95: 2,
    max: 7,
  });
  expect(pressureOf([], 0)).toMatchObject({ people: 0, mean: 0, p95: 0, max: 0 });
});

test('everybody is in one bar, the mean is that of the people spelt out, and so is the p95', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 60 }), (each) => {
      const counts = new Map<number, number>();
      for (const n of each) counts.set(n, (counts.get(n) ?? 0) + 1);
      const tallies = [...counts].map(([contacts, people]) => ({ contacts, people }));
      const found = pressureOf(
        tallies.filter(({ contacts }) => contacts > 0),
        each.length,
      );
      const { none, one, two, three, atLeast4 } = found.histogram;
      expect(none + one + two + three + atLeast4).toBe(each.length);
      expect(found.mean).toBeCloseTo(each.reduce((sum, n) => sum + n, 0) / each.length, 10);
      const sorted = each.toSorted((a, b) => a - b);
      expect(found.p95).toBe(sorted[Math.ceil(0.95 * each.length) - 1]);
      expect(quantile(tallies, 1)).toBe(Math.max(...each));
    }),
  );
});

test('the strictest cap lets the fewest a day through; one that is lifted limits nobody', () => {
  const promotion = { nature: 'promotion', limit: 1, windowDays: 14 } as const;
  const newsletter = { nature: 'newsletter', limit: 1, windowDays: 7 } as const;
  expect(strictestCap({ promotion, newsletter })).toEqual({ key: 'promotion', windowDays: 14, limit: 1 });
  expect(strictestCap({ promotion: { ...promotion, limit: null }, newsletter })?.key).toBe('newsletter');
  expect(strictestCap({ newsletter, none: { ...newsletter, limit: 0, windowDays: 1 } })?.key).toBe('none');
  expect(
    strictestCap({
      month: { nature: 'survey', limit: 1, calendar: 'month' },
      promotion,
    }),
  ).toEqual({ key: 'month', windowDays: 30, limit: 1 });
  expect(strictestCap({})).toBeNull();
});

test('what a rule leaves out, every value of it counts', () => {
  const contact = { nature: 'promotion', channel: 'sms', department: 'crm', format: null };
  const rule = { nature: 'promotion', limit: 1, windowDays: 1 } as const;
  expect(countsAgainst(rule, contact)).toBe(true);
  expect(countsAgainst({ ...rule, channel: 'email' }, contact)).toBe(false);
  expect(countsAgainst({ ...rule, department: 'crm', format: 'short' }, contact)).toBe(true);
  expect(countsAgainst({ ...rule, format: 'long' }, contact)).toBe(false);
  expect(countsAgainst({ ...rule, nature: 'survey' }, contact)).toBe(false);
});
