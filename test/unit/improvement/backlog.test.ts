import { testLogEntry } from '../../../domain/improvement/test-log-entry';
import fc from 'fast-check';
import { backlogItems } from '../../../domain/improvement/backlog';
import { feasibilityOf, priorityOf } from '../../../domain/improvement/priority';
import { ENDS } from '../../../domain/shared/words';
import { anyFacts, campaignFacts, deliveriesOf } from './facts';

const ids = (facts: Parameters<typeof backlogItems>[0]) =>
  backlogItems(facts).map(({ id }) => id.replace('cabcdefghijk.', ''));

const nothingDiffers = [
  { arm: 'none', persona: 'new', n: 20_000, events: 2_000 },
  { arm: 'mens', persona: 'new', n: 20_000, events: 2_050 },
  { arm: 'womens', persona: 'new', n: 20_000, events: 1_950 },
];

describe('backlog items', () => {
  test('a winner is scaled, followed up by persona, and is what comes next has to beat', () => {
    const items = backlogItems(
      campaignFacts({
        facts: { otherPersonas: ['vip', 'lapsed'], otherMarkets: [{ market: 'BE', people: 9_000 }] },
      }),
    );
    expect(items.map((i) => i.title)).toEqual(
      expect.arrayContaining([
        'Try Mens with vip, lapsed',
        'Take Mens to BE',
        'Make Mens the baseline and test the next idea against it',
        'Test Mens persona by persona',
      ]),
    );
    expect(items.find((i) => i.id.endsWith('scale-winner.personas'))).toMatchObject({
      revenuePotential: 5,
      difficulty: 2,
      statisticalFeasibility: 4,
      priority: 10,
    });
    expect(items.find((i) => i.id.endsWith('scale-winner.markets'))?.why).toContain('+7.66 points');
  });

  test('a market with too few people for a test is left out', () => {
    const facts = campaignFacts({ facts: { otherMarkets: [{ market: 'LU', people: 1_999 }] } });
    expect(ids(facts)).not.toContain('scale-winner.markets');
  });

  test('two winners too close: how many people it takes', () => {
    const items = backlogItems(
      campaignFacts({
        cells: [
          { arm: 'none', persona: 'new', n: 20_000, events: 2_000 },
          { arm: 'mens', persona: 'new', n: 20_000, events: 3_000 },
          { arm: 'womens', persona: 'new', n: 20_000, events: 2_950 },
        ],
      }),
    );
    const close = items.find((i) => i.id.endsWith('close-arms.womens'));
    expect(close?.title).toBe('Test Mens against Womens alone, with more people');
    expect(close?.why).toMatch(/\+0\.25 points apart, too close to tell: \d{5,6} people/);
  });

  test('no winner: a bolder idea, and what a test of the nearest arm would take', () => {
    const facts = campaignFacts({ end: 'no-winner', cells: nothingDiffers });
    expect(ids(facts)).toEqual(expect.arrayContaining(['new-hypothesis.next', 'bigger-test.mens']));
    const bigger = backlogItems(facts).find((i) => i.id.endsWith('bigger-test.mens'));
    expect(bigger?.title).toBe('Test Mens alone against No e-mail, with more people');
    expect(bigger?.why).toContain('more than this audience has');
  });

  test('a test too small to say anything is repeated; nothing bolder is looked for, and nothing is said of the hypothesis', () => {
    const facts = campaignFacts({
      end: 'no-winner',
      cells: nothingDiffers.map((c) => ({ ...c, n: 300, events: 30 })),
    });
    expect(ids(facts)).toContain('new-hypothesis.repeat');
    expect(ids(facts)).not.toContain('new-hypothesis.next');
    expect(testLogEntry(facts, []).insight).toContain('Nothing about the hypothesis');
  });

  test('no winner where no arm came out ahead proposes no bigger test', () => {
    const cells = nothingDiffers.map((c) => (c.arm === 'none' ? { ...c, events: 2_100 } : c));
    expect(ids(campaignFacts({ end: 'no-winner', cells }))).not.toContain('bigger-test.mens');
  });

  test('exclusions: a twentieth of those who matched is worth a programme, suppressed people never are', () => {
    expect(ids(campaignFacts())).toContain('exclusions.consent-expired');
    const audience = {
      ...campaignFacts().report.audience!,
      excluded: { suppressed: 60_000, 'consent-expired': 100 },
    };
    expect(ids(campaignFacts({ audience })).filter((id) => id.startsWith('exclusions'))).toEqual([]);
  });

  test('deliveries that fail, are unknown, or are held back', () => {
    const wave = { wave: 'test', accepted: 900, failed: 0, skipped: 0, uncertain: 0, open: 0, withheld: 0 };
    const of = (more: Partial<typeof wave>) =>
      ids(campaignFacts({ deliveries: deliveriesOf([{ ...wave, ...more }]) }));
    expect(of({})).not.toContain('deliverability.failures');
    expect(of({ failed: 30 })).toContain('deliverability.failures');
    expect(of({ uncertain: 1 })).toContain('deliverability.failures');
    expect(of({ skipped: 200 })).toContain('gate.left-segment');
    expect(of({ skipped: 20 })).not.toContain('gate.left-segment');
  });

  test('a guardrail that is nearly used up', () => {
    const near = {
      metric: 'unsubscribe',
      n: 10_000,
      events: 30,
      rate: 0.003,
      lower95: 0.002,
      limit: 0.005,
      crossed: false,
    };
    expect(ids(campaignFacts({ facts: { guardrails: [near] } }))).toContain('guardrail.unsubscribe');
    expect(ids(campaignFacts({ facts: { guardrails: [{ ...near, rate: 0.001 }] } }))).not.toContain(
      'guardrail.unsubscribe',
    );
  });

  test('a finding that comes back belongs to the template', () => {
    const of = (campaigns: number, creatives: number) =>
      ids(
        campaignFacts({
          facts: { recurringFindings: [{ check: 'alt', severity: 'warning', campaigns, creatives }] },
        }),
      );
    expect(of(1, 2)).not.toContain('template.alt');
    expect(of(1, 3)).toContain('template.alt');
    expect(of(2, 1)).toContain('template.alt');
    expect(of(9, 0)).not.toContain('template.alt');
  });

  test('a campaign without a test proposes one', () => {
    expect(ids(campaignFacts({ cells: null, facts: { experiment: null } }))).toContain('untested.test');
  });

  test('the backlog names nobody who rejected, and says why they did', () => {
    const rejected = campaignFacts({ end: 'rejected', cells: null });
    const decision = {
      decisionId: 'd',
      decision: 'reject',
      by: 'bob',
      via: 'slack',
      outcome: 'counted',
      at: '2026-11-02T00:00:00.000Z',
    } as const;
    const approval = {
      approvalId: 'a',
      state: 'rejected',
      requestedAt: '2026-11-01T00:00:00.000Z',
      deadlineAt: '2026-11-03T00:00:00.000Z',
    } as const;
    const facts = {
      ...rejected,
      report: {
        ...rejected.report,
        endReason: 'Rejected by bob: Trop cher.',
        approvals: [{ ...approval, decisions: [{ ...decision, reason: 'Trop cher.' }] }],
      },
    };
    const text = JSON.stringify(backlogItems(facts));
    expect(text).toContain('Trop cher.');
    expect(text).not.toContain('bob');
  });

  test('every end has something to go on with, also where nothing else is known', () => {
    for (const end of ENDS) {
      const cells = end === 'no-winner' ? nothingDiffers : null;
      expect(ids(campaignFacts({ end, cells, audience: null, deliveries: deliveriesOf([]) }))).not.toEqual(
        [],
      );
    }
  });
});

describe('properties of the backlog', () => {
  test('never empty, factors 1 to 5, priority as documented, sorted, ids unique and repeatable', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const items = backlogItems(facts);
        expect(items.length).toBeGreaterThan(0);
        for (const item of items) {
          for (const value of [item.revenuePotential, item.difficulty, item.statisticalFeasibility]) {
            expect([1, 2, 3, 4, 5]).toContain(value);
          }
          expect(item.priority).toBeCloseTo(
            (item.revenuePotential * item.statisticalFeasibility) / item.difficulty,
            2,
          );
          expect(`${item.title} ${item.why}`).not.toMatch(/NaN|Infinity|undefined|null/);
        }
        expect([...items].sort((a, b) => b.priority - a.priority).map((i) => i.priority)).toEqual(
          items.map((i) => i.priority),
        );
        expect(new Set(items.map((i) => i.id)).size).toBe(items.length);
        expect(backlogItems(facts)).toEqual(items);
      }),
      { numRuns: 150 },
    );
  });

  test('priority grows with what it brings and shrinks with what it costs', () => {
    expect(priorityOf({ revenuePotential: 5, difficulty: 1, statisticalFeasibility: 5 })).toBe(25);
    expect(priorityOf({ revenuePotential: 1, difficulty: 5, statisticalFeasibility: 1 })).toBe(0.2);
    expect(priorityOf({ revenuePotential: 4, difficulty: 3, statisticalFeasibility: 2 })).toBe(2.67);
  });

  test.each([
    [1_000, 0, 1],
    [1_000, 100, 1],
    [1_000, 499, 2],
    [1_000, 999, 3],
    [1_000, 1_000, 4],
    [1_000, 2_000, 5],
    [Infinity, 1e9, 1],
  ])('%p needed of %p at hand is feasible to %p', (needed, available, feasible) => {
    expect(feasibilityOf(needed, available)).toBe(feasible);
  });
});
