import { benjaminiHochberg } from './benjamini-hochberg';
import type { CompareTerms } from './compare';
import { armsOf, judged, unjudged, type Cell, type Effect } from './effects';
import type { ExperimentInput } from './evaluation';

/** An event counted at most once a person, from when the gate judged them, and which way is better. */
export interface Measure {
  readonly event: string;
  readonly direction: 'increase' | 'decrease';
  readonly windowSeconds: number;
}

/** What a test counts beside its primary metric: one more event, or the one that stands for the north star. */
export type OtherMeasure = Measure & { readonly role: 'secondary' | 'north-star' };

export type OtherCounts = OtherMeasure & { readonly cells: readonly Cell[] };
export type MetricEffects = OtherMeasure & { readonly effects: readonly Effect[] };

/** All that a scenario's test counts beside its primary metric, the north star first. */
export const otherMeasures = ({
  northStar,
  secondaryMetrics,
}: {
  readonly northStar?: Measure | undefined;
  readonly secondaryMetrics: readonly Measure[];
}): OtherMeasure[] => [
  ...(northStar === undefined ? [] : [{ ...northStar, role: 'north-star' as const }]),
  ...secondaryMetrics.map((measure) => ({ ...measure, role: 'secondary' as const })),
];

/**
 * Effects on the other metrics, adjusted over all of them and all arms by Benjamini and Hochberg: they say where to look
 * next, and there a few false ones among many cost less than the true ones that Holm would hide.
 */
export function otherMetricEffects(
  counts: readonly OtherCounts[],
  test: Pick<ExperimentInput, 'arms'>,
  reference: string,
  terms: CompareTerms,
): MetricEffects[] {
  const family = counts.map(({ cells, ...measure }) => ({
    ...measure,
    effects: unjudged(armsOf(test, cells), reference, terms),
  }));
  const effects = judged(family, benjaminiHochberg, terms);
  return family.map((measure, i) => ({ ...measure, effects: effects[i] ?? [] }));
}
