import type { ExperimentSummary } from '../improvement/report-data';
import type { Evaluation } from './evaluation';

/** The short form of an evaluation, as the report gives it. */
export function experimentSummary(evaluation: Evaluation): ExperimentSummary {
  return {
    metric: evaluation.metric,
    srmP: evaluation.health.srmP,
    arms: evaluation.arms.map(({ arm, n, events, rate }) => ({ arm, n, events, rate })),
    comparisons: evaluation.comparisons.map(({ arm, difference, ci, pAdjusted }) => ({
      arm,
      difference,
      ci,
      pAdjusted,
    })),
    otherMetrics: evaluation.otherMetrics ?? [],
    groups: evaluation.groups ?? [],
    revenue: evaluation.revenue ?? null,
    factors: evaluation.factors ?? null,
    sensitivity: evaluation.sensitivity ?? [],
    interactions: evaluation.interactions ?? [],
    decision: evaluation.decision,
  };
}
