import { claimsOf } from '../../../domain/campaigns/claims';
import type { OpenCampaign } from '../../../domain/campaigns/expected-sends';
import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { CLAIM_DAYS } from '../../../domain/frequency/arbitration';
import { plainScenario } from '../../support/scenario';

const APPROVED = new Date('2026-11-02T09:00:00Z');
const DAY_MS = 86_400_000;
const after = (days: number): Date => new Date(APPROVED.getTime() + days * DAY_MS);

/** A week of test before the roll-out; 300 people to each part take a second. */
const campaign = (over: Partial<OpenCampaign> = {}) => ({
  scenario: scenarioSchema.parse(
    plainScenario({
      primaryMetric: { event: 'visit', windowSeconds: 7 * 86_400 },
      experiment: { testShare: 0.5 },
    }),
  ),
  counts: {
    matched: 600,
    excluded: {},
    holdout: 0,
    members: 600,
    arms: {},
    parts: { pilot: 0, test: 300, rollout: 300 },
    personas: { regulars: 600 },
  },
  stage: 'experiment' as const,
  stageStartedAt: APPROVED,
  approvedAt: APPROVED,
  ...over,
});

const days = (date: Date): number => Math.round((date.getTime() - APPROVED.getTime()) / DAY_MS);

it('people of the roll-out are wanted when the test is over, those of the test now', () => {
  const claims = claimsOf(campaign(), [], after(1));
  expect(claims.map(({ part, from }) => [part, days(from)])).toEqual([
    ['test', 1],
    ['rollout', 8],
  ]);
});

it('a claim that was not used runs out, each part by its own plan', () => {
  const parts = (now: Date): string[] => claimsOf(campaign(), [], now).map(({ part }) => part);
  expect(parts(after(CLAIM_DAYS - 0.01))).toEqual(['test', 'rollout']);
  expect(parts(after(CLAIM_DAYS + 0.01))).toEqual(['rollout']);
  expect(parts(after(7 + CLAIM_DAYS - 0.01))).toEqual(['rollout']);
  expect(parts(after(7 + CLAIM_DAYS + 0.01))).toEqual([]);
});
