import fc from 'fast-check';
import { evaluateExperiment } from '../../../domain/experiments/evaluate';
import type { EvaluationInputs, OutcomeCell } from '../../../domain/experiments/outcomes';
import { judgeWave } from '../../../domain/experiments/wave-verdict';
import type { CampaignFacts } from '../../../domain/improvement/facts';
import { leadingEffects } from '../../../domain/improvement/leading-effects';
import type { ReportDeliveries } from '../../../domain/improvement/report-data';
import { ENDS } from '../../../domain/shared/words';

const ARMS = [
  { key: 'none', label: 'No e-mail', control: true, baseline: false, weight: 1, subject: 'Bonjour', way: {} },
  {
    key: 'mens',
    label: 'Mens',
    control: false,
    baseline: false,
    weight: 1,
    subject: 'Pour lui | nouveautés',
    way: {},
  },
  {
    key: 'womens',
    label: 'Womens',
    control: false,
    baseline: false,
    weight: 1,
    subject: 'Pour elle',
    way: {},
  },
];

/** A test on 64,000 people with the published outcomes, in two personas that react differently. */
const HILLSTROM: readonly OutcomeCell[] = [
  { arm: 'none', persona: 'new', n: 10_653, events: 1_000 },
  { arm: 'none', persona: 'old', n: 10_653, events: 1_262 },
  { arm: 'mens', persona: 'new', n: 10_653, events: 1_547 },
  { arm: 'mens', persona: 'old', n: 10_654, events: 2_347 },
  { arm: 'womens', persona: 'new', n: 10_693, events: 1_538 },
  { arm: 'womens', persona: 'old', n: 10_694, events: 1_700 },
];

const experiment = {
  testShare: 1,
  alpha: 0.05,
  minPerArm: 1_000,
  onNoWinner: 'stop-without-sending',
} as const;

const inputsOf = (cells: readonly OutcomeCell[]): EvaluationInputs => ({
  metric: 'visit',
  direction: 'increase',
  windowSeconds: 14 * 86_400,
  alpha: experiment.alpha,
  minPerArm: experiment.minPerArm,
  cells,
  arms: ARMS.map((arm) => ({
    ...arm,
    n: cells.filter((c) => c.arm === arm.key).reduce((sum, c) => sum + c.n, 0),
    events: cells.filter((c) => c.arm === arm.key).reduce((sum, c) => sum + c.events, 0),
  })),
});

export function deliveriesOf(
  waves: readonly {
    wave: string;
    accepted: number;
    failed: number;
    skipped: number;
    uncertain: number;
    open: number;
    withheld: number;
  }[],
): ReportDeliveries {
  const sum = (of: (wave: (typeof waves)[number]) => number) =>
    waves.reduce((total, wave) => total + of(wave), 0);
  const planned = (w: (typeof waves)[number]) => w.accepted + w.failed + w.skipped + w.uncertain + w.open;
  const reasons = [
    { state: 'failed', reason: '550', count: sum((w) => w.failed) },
    { state: 'skipped', reason: 'left-segment', count: sum((w) => w.skipped) },
    { state: 'uncertain', reason: 'worker-lost', count: sum((w) => w.uncertain) },
  ];
  return {
    planned: sum(planned),
    accepted: sum((w) => w.accepted),
    failed: sum((w) => w.failed),
    skipped: sum((w) => w.skipped),
    uncertain: sum((w) => w.uncertain),
    open: sum((w) => w.open),
    withheld: sum((w) => w.withheld),
    waves: waves.map((w) => ({
      ...w,
      planned: planned(w),
      step: 'first',
      part: 'test',
      arm: null,
      startedAt: '2026-11-02T08:00:00.000Z',
      endedAt: '2026-11-02T09:00:00.000Z',
    })),
    reasons: reasons.filter((r) => r.count > 0),
  };
}

/** Facts of a finished campaign; `cells` null: it was never evaluated. */
export function campaignFacts(
  more: {
    readonly end?: CampaignFacts['report']['end'];
    readonly cells?: readonly OutcomeCell[] | null;
    readonly deliveries?: ReportDeliveries;
    readonly audience?: CampaignFacts['report']['audience'];
    readonly facts?: Partial<CampaignFacts>;
  } = {},
): CampaignFacts {
  const cells = more.cells === undefined ? HILLSTROM : more.cells;
  const inputs = cells === null ? null : inputsOf(cells);
  const evaluation = inputs === null ? null : evaluateExperiment(inputs);
  const deliveries =
    more.deliveries ??
    deliveriesOf([
      { wave: 'test', accepted: 42_600, failed: 80, skipped: 14, uncertain: 0, open: 0, withheld: 21_306 },
    ]);
  const outcome = { ...deliveries, unsubscribed: 20, complained: 1 };
  return {
    report: {
      campaignId: 'cabcdefghijk',
      workflowId: 'campaign.cabcdefghijk',
      scenario: {
        key: 'hillstrom',
        version: 3,
        name: 'Printemps <b>|</b> relance',
        owner: 'alice',
        market: 'FR',
        objective: 'Faire revenir.',
        hypothesis: 'Un e-mail pour homme fait venir.',
        northStar: 'chiffre d’affaires',
        primaryMetric: { event: 'visit', direction: 'increase', windowSeconds: 14 * 86_400 },
      },
      end: more.end === undefined ? 'completed' : more.end,
      endReason: 'Everybody planned was dealt with.',
      createdAt: '2026-11-01T08:00:00.000Z',
      endedAt: '2026-11-20T08:00:00.000Z',
      stages: [
        {
          name: 'define',
          startedAt: '2026-11-01T08:00:00.000Z',
          endedAt: '2026-11-01T08:00:01.000Z',
          outcome: 'done',
        },
      ],
      audience:
        more.audience === undefined
          ? {
              matched: 70_000,
              excluded: { 'consent-expired': 4_000, suppressed: 500 },
              holdout: 1_500,
              members: 64_000,
              arms: { none: 21_306, mens: 21_307, womens: 21_387 },
              parts: { pilot: 0, test: 64_000, rollout: 0 },
              personas: { new: 31_999, old: 32_001 },
              pilot: 0,
            }
          : more.audience,
      creatives: {
        rendered: 4,
        rejected: 0,
        findings: 3,
        bySeverity: { blocking: 0, warning: 3, info: 0 },
        byCheck: [{ check: 'contrast', severity: 'warning', count: 3 }],
      },
      approvals: [],
      deliveries,
      experiment: null,
      incidents: 0,
      backlog: [],
    },
    segment: 'tous',
    personas: ['new', 'old'],
    arms: ARMS,
    pilotArea: null,
    experiment,
    original: null,
    challenge: null,
    looks: 1,
    evaluation,
    personaEffects: inputs && evaluation ? leadingEffects(inputs, evaluation) : null,
    pauses: [],
    guardrails: judgeWave(outcome, [
      { metric: 'unsubscribe', limit: 0.005 },
      { metric: 'complaint', limit: 0.001 },
    ]).guardrails,
    recurringFindings: [],
    otherPersonas: [],
    otherMarkets: [],
    ...more.facts,
  };
}

const count = fc.integer({ min: 0, max: 100_000 });

/** Any audience that adds up, any ledger that adds up, any test, any end. */
export const anyFacts: fc.Arbitrary<CampaignFacts> = fc
  .record({
    end: fc.constantFrom(...ENDS),
    excluded: fc.dictionary(
      fc.constantFrom('no-consent', 'consent-expired', 'suppressed', 'unreachable', 'doubtful', 'no-persona'),
      count,
    ),
    holdout: count,
    parts: fc.record({ pilot: count, test: count, rollout: count }),
    waves: fc.uniqueArray(
      fc.record({
        wave: fc.constantFrom('pilot', 'test', 'rollout-1', 'rollout-2'),
        accepted: count,
        failed: count,
        skipped: count,
        uncertain: count,
        open: fc.constant(0),
        withheld: count,
      }),
      { selector: (wave) => wave.wave, maxLength: 4 },
    ),
    cells: fc.option(
      fc.uniqueArray(
        fc
          .record({
            arm: fc.constantFrom('none', 'mens', 'womens'),
            persona: fc.constantFrom('new', 'old'),
            n: count,
            share: fc.double({ min: 0, max: 1, noNaN: true }),
          })
          .map(({ share, ...cell }) => ({ ...cell, events: Math.floor(cell.n * share) })),
        { selector: (cell) => `${cell.arm} ${cell.persona}` },
      ),
    ),
    recurringFindings: fc.array(
      fc.record({
        check: fc.constantFrom('contrast', 'alt'),
        severity: fc.constantFrom('blocking', 'warning', 'info'),
        campaigns: fc.integer({ min: 1, max: 9 }),
        creatives: fc.integer({ min: 0, max: 9 }),
      }),
      { maxLength: 1 },
    ),
    otherPersonas: fc.subarray(['a', 'b', 'c', 'd', 'e']),
    tested: fc.boolean(),
  })
  .map(({ end, excluded, holdout, parts, waves, cells, tested, ...facts }) => {
    const members = parts.pilot + parts.test + parts.rollout;
    const matched = members + holdout + Object.values(excluded).reduce((sum, n) => sum + n, 0);
    return campaignFacts({
      end,
      cells: tested ? cells : null,
      deliveries: deliveriesOf(waves),
      audience: { matched, excluded, holdout, members, arms: {}, parts, personas: {}, pilot: parts.pilot },
      facts: { ...facts, ...(tested ? {} : { experiment: null }) },
    });
  });
