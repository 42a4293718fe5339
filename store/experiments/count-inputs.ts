import type { Scenario } from '../../domain/campaigns/scenario';
import { otherMeasures, type OtherCounts } from '../../domain/experiments/other-metrics';
import { evaluationInputs, type EvaluationInputs } from '../../domain/experiments/outcomes';
import { BoucleError } from '../../domain/shared/errors';
import type { Sql } from '../db';
import { concurrentTests } from './concurrent-tests';
import { covariateByArm } from './covariate';
import { outcomesBySegment } from './outcomes-by-segment';
import { revenueByArm } from './revenue';
import { testCounts, testOutcomes } from './test-counts';

/** Parts of the window that the verdict is held against. */
const SHORTER = [0.25, 0.5, 0.75];

/**
 * Everything a look of a campaign's test is judged by, as it is counted now; `look`: from 1. Throws `conflict` where the scenario
 * has no test.
 */
export async function countInputs(
  sql: Sql,
  campaignId: string,
  scenario: Scenario,
  look: number,
): Promise<EvaluationInputs> {
  const { experiment, primaryMetric } = scenario;
  if (experiment === undefined)
    throw new BoucleError('conflict', `Campaign ${campaignId} has no test to evaluate.`);
  const { event: metric, windowSeconds } = primaryMetric;
  // Early looks are not held against shorter windows.
  const shares = look > experiment.earlyLooks ? SHORTER : [];
  const { windows, ...counts } = await testCounts(sql, { campaignId, metric, windowSeconds }, shares);
  const { covariate } = experiment;
  const before =
    covariate === undefined
      ? {}
      : { before: await covariateByArm(sql, { campaignId, metric, windowSeconds, covariate }) };
  const inputs = evaluationInputs(scenario, experiment, { look, ...counts, ...before });
  return {
    ...inputs,
    // Its tests do not hold at every look.
    ...(inputs.look === 'final'
      ? {
          concurrent: await concurrentTests(sql, { campaignId, metric, windowSeconds }),
          windows,
        }
      : {}),
    ...(await countedBeside(sql, campaignId, { primaryMetric, experiment })),
  };
}

/** What the scenario has counted beside its primary metric. One after the other: nobody waits for them but the report. */
async function countedBeside(
  sql: Sql,
  campaignId: string,
  {
    primaryMetric: { event, windowSeconds },
    experiment,
  }: {
    readonly primaryMetric: Scenario['primaryMetric'];
    readonly experiment: NonNullable<Scenario['experiment']>;
  },
): Promise<Pick<EvaluationInputs, 'otherMetrics' | 'groups' | 'revenue'>> {
  const otherMetrics: OtherCounts[] = [];
  for (const measure of otherMeasures(experiment)) {
    const counted = { campaignId, metric: measure.event, windowSeconds: measure.windowSeconds };
    otherMetrics.push({ ...measure, cells: await testOutcomes(sql, counted) });
  }
  const { segments, personas } = experiment.subPopulations;
  const asked = { campaignId, metric: event, windowSeconds, segments };
  const { revenue } = experiment;
  return {
    ...(revenue === undefined
      ? {}
      : { revenue: { ...revenue, cells: await revenueByArm(sql, { campaignId, ...revenue }) } }),
    otherMetrics,
    groups: { segments, personas, segmentCells: await outcomesBySegment(sql, asked) },
  };
}
