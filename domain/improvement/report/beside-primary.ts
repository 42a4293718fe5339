import {
  differsWords,
  groupsNote,
  groupWords,
  INVALID_NOTE,
  metricsNote,
  metricWords,
  VERDICT_WORDS,
} from '../../experiments/beside-words';
import type { Effect } from '../../experiments/effects';
import type { Evaluation } from '../../experiments/evaluation';
import { factorLines, factorsNote } from '../../experiments/factor-words';
import { interactionWords } from '../../experiments/interactions';
import { formatP } from '../../experiments/p-value';
import type { PersonaEffects } from '../../experiments/persona-effects';
import { revenueLines, revenueNote } from '../../experiments/revenue-words';
import { intervalWords, percent, points } from '../../experiments/words';
import { blocks, bullets, inline, table, type Cell } from './markdown';

/** What was measured beside the primary metric: other metrics, and declared groups. Empty: nothing was. */
export function besideBlocks(
  {
    otherMetrics = [],
    groups = [],
    revenue,
    factors,
    interactions = [],
    metric,
    reference,
    decision,
  }: Evaluation,
  alpha: number,
  label: (arm: string) => string,
): string {
  const rows = (what: string, effects: readonly Effect[]): Cell[][] =>
    effects.length === 0
      ? [[inline(what), 'nobody to compare', '–', '–', '–', '–', '–', '–', '–']]
      : effects.map((effect) => [
          inline(what),
          label(effect.arm),
          effect.n,
          percent(effect.rate),
          percent(effect.referenceRate),
          points(effect.difference),
          intervalWords(effect.ci, alpha),
          effect.pAdjusted === null ? '–' : formatP(effect.pAdjusted),
          VERDICT_WORDS[effect.verdict],
        ]);
  const head = ['Arm', 'People', 'Rate', label(reference.arm), 'Difference', 'Interval'];
  const invalid = decision.action === 'invalid' ? INVALID_NOTE : null;
  const metrics = otherMetrics.flatMap((measure) => rows(metricWords(measure), measure.effects));
  const declared = groups.flatMap((group) => rows(groupWords(group), group.effects));
  return blocks(
    ...(revenue === undefined || revenue.effects.length === 0
      ? []
      : ['### What it brought', invalid, revenueNote(revenue), bullets(revenueLines(revenue, alpha, label))]),
    ...(factors === undefined || factors.effects.length === 0
      ? []
      : [
          '### What each choice does',
          invalid,
          factorsNote(factors, alpha),
          bullets(factorLines(factors, alpha).map(inline)),
        ]),
    ...(interactions.length === 0
      ? []
      : ['### Tests that shared people', bullets(interactions.map((one) => inline(interactionWords(one))))]),
    ...(metrics.length === 0
      ? []
      : [
          '### Also measured',
          invalid,
          metricsNote(alpha),
          table(['Metric', ...head, 'q', 'Reading'], metrics),
        ]),
    ...(declared.length === 0
      ? []
      : [
          `### \`${metric}\` by declared group`,
          invalid,
          groupsNote(alpha),
          table(['Group', ...head, 'p, Holm', 'Reading'], declared),
          bullets(groups.flatMap((group) => differsWords(group, alpha, label))),
        ]),
  );
}

/** The personas whose effects were not declared, to be shown as exploratory; null: there is nothing to compare. */
export function undeclared(
  effects: PersonaEffects | null,
  { groups = [] }: Evaluation,
): PersonaEffects | null {
  if (effects === null || effects.effects.length < 2) return null;
  const declared = new Set(groups.flatMap(({ kind, group }) => (kind === 'persona' ? [group] : [])));
  const rest = effects.effects.filter(({ persona }) => !declared.has(persona));
  return rest.length === 0 ? null : { ...effects, effects: rest };
}
