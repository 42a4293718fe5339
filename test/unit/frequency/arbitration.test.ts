import fc from 'fast-check';
import { ahead, compareContenders, type Contender } from '../../../domain/frequency/arbitration';

const NOW = new Date('2026-11-22T12:00:00Z');
const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * 86_400_000);

const contender = (campaignId: string, change: Partial<Contender> = {}): Contender => ({
  campaignId,
  mandatory: false,
  priority: 50,
  expectedValueCents: 100,
  approvedAt: daysAgo(1),
  ...change,
});

it('ranks by mandatory, priority, expected value, waiting time, id, in this order', () => {
  const ranked = [
    contender('g', { mandatory: true, priority: 0, expectedValueCents: 0 }),
    contender('f', { priority: 60, expectedValueCents: 0 }),
    contender('e', { expectedValueCents: 200 }),
    contender('d', { approvedAt: daysAgo(3) }),
    contender('a'),
    contender('b'),
    contender('0', { approvedAt: null }),
  ];
  expect([...ranked].reverse().sort(compareContenders)).toEqual(ranked);
});

const contenders = fc.uniqueArray(
  fc.record({
    campaignId: fc.string({ minLength: 1, maxLength: 3 }),
    mandatory: fc.boolean(),
    priority: fc.integer({ min: 0, max: 2 }),
    expectedValueCents: fc.integer({ min: 0, max: 2 }),
    approvedAt: fc.option(fc.integer({ min: 0, max: 20 }).map(daysAgo)),
  }),
  { selector: (c) => c.campaignId, minLength: 2, maxLength: 8 },
);

it('of two campaigns exactly one goes first', () => {
  fc.assert(
    fc.property(contenders, (all) => {
      for (const a of all)
        for (const b of all)
          if (a !== b) expect(Math.sign(compareContenders(a, b))).toBe(-Math.sign(compareContenders(b, a)));
    }),
  );
});

it('somebody always goes: the best of them waits for nobody', () => {
  fc.assert(
    fc.property(contenders, (all) => {
      expect(all.some((own) => ahead(own, all).length === 0)).toBe(true);
    }),
  );
});

it('who is not approved goes before nobody', () => {
  const own = contender('own');
  const approved = contender('approved', { priority: 90 });
  const waiting = contender('waiting', { priority: 90, approvedAt: null });
  expect(ahead(own, [waiting, approved, own])).toEqual([approved]);
});
