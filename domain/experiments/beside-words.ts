import { wayWords, type Way } from '../campaigns/arm-ways';
import { durationWords } from '../improvement/report/duration';
import type { GroupEffects } from './declared-groups';
import type { Effect, Verdict } from './effects';
import type { Evaluation } from './evaluation';
import { factorsShown } from './factor-words';
import { otherMeasures, type Measure, type OtherMeasure } from './other-metrics';
import { formatP } from './p-value';
import { points } from './words';

/** What a scenario's test declares beside its primary metric; scenarios of before that say nothing of it. */
export interface Declared {
  readonly secondaryMetrics?: readonly Measure[] | undefined;
  readonly northStar?: Measure | undefined;
  readonly subPopulations?:
    { readonly segments: readonly string[]; readonly personas: readonly string[] } | undefined;
}

/** `more visit within 14 days` */
export const wishWords = ({ event, direction, windowSeconds }: Measure): string =>
  `${direction === 'increase' ? 'more' : 'less'} ${event} within ${durationWords(windowSeconds)}`;

/** `purchase within 7 days`, and what it stands for. */
export const metricWords = ({ event, windowSeconds, role }: OtherMeasure): string =>
  `${event} within ${durationWords(windowSeconds)}${role === 'north-star' ? ' (north star)' : ''}`;

export const groupWords = ({ kind, group }: Pick<GroupEffects, 'kind' | 'group'>): string =>
  ({ segment: `in ${group}`, outside: `not in ${group}`, persona: `persona ${group}` })[kind];

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  better: 'better',
  worse: 'worse',
  'no-difference': 'no difference shown',
  'too-few': 'too few to tell',
  exploratory: 'exploratory',
};

/** How to read the other metrics. */
export const metricsNote = (alpha: number): string =>
  `Nothing is decided by these. “Better” and “worse” are said where q is below ${alpha}: of what is said so, about ` +
  `${Number((alpha * 100).toFixed(2))} in 100 are chance. q is p adjusted over all metrics and arms here together ` +
  '(Benjamini–Hochberg). “No difference shown” does not mean that there is none.';

/** How to read the groups. */
export const groupsNote = (alpha: number): string =>
  'Nothing is decided by these. The groups were declared before anything was sent, so that they are tested: “better” and ' +
  `“worse” are said where p is below ${alpha}, adjusted over all groups and arms here together (Holm). Who is in a segment ` +
  'is as it was just before their message. “Exploratory” is not tested, and only there to compare with.';

/** Said first where the test itself is not to be believed. */
export const INVALID_NOTE = 'The test is not valid, and neither is anything measured beside it.';

/** Whether the effect of an arm is another one in a group: a sentence for each declared group and arm it was asked of. */
export const differsWords = (group: GroupEffects, alpha: number, label: (arm: string) => string): string[] =>
  group.differs.map(
    ({ arm, pAdjusted }) =>
      `${label(arm)}, ${groupWords(group)} against everybody else: ` +
      `${pAdjusted < alpha ? 'the effect differs' : 'no difference of the effects shown'} (p ${formatP(pAdjusted)}, Holm).`,
  );

/** What is planned, for who approves it and who reads of it later: a heading and words each; empty: nothing is. */
export function declaredWords(
  declared: Declared,
  arms: readonly (Way & { readonly label: string })[] = [],
): { readonly what: string; readonly words: string }[] {
  const measures = otherMeasures({ ...declared, secondaryMetrics: declared.secondaryMetrics ?? [] });
  const counted = (role: OtherMeasure['role']) =>
    measures.filter((measure) => measure.role === role).map(wishWords);
  const { segments = [], personas = [] } = declared.subPopulations ?? {};
  const groups = [
    ...segments.map((segment) => `who is in ${segment}`),
    ...personas.map((persona) => `persona ${persona}`),
  ];
  return [
    { what: 'Arms that go out another way', words: arms.flatMap(wayOf).join('; ') },
    { what: 'North star, measured as', words: counted('north-star').join('') },
    { what: 'Also counted', words: counted('secondary').join('; ') },
    { what: 'Effects tested in', words: groups.join('; ') },
  ].filter(({ words }) => words !== '');
}

function wayOf({ label, ...way }: Way & { readonly label: string }): string[] {
  const words = wayWords(way);
  return words === '' ? [] : [`${label} ${words}`];
}

/** A sentence for everything that was shown beside the primary metric; of other tests the decision's reasons speak. */
export function shownWords(
  { otherMetrics = [], groups = [], factors, arms, metric, decision }: Evaluation,
  alpha: number,
): string[] {
  if (decision.action === 'invalid') return [];
  const label = (key: string) => arms.find(({ arm }) => arm === key)?.label ?? key;
  const words = (effect: Effect, of: string, adjusted: string) =>
    `${label(effect.arm)}: ${of} is ${VERDICT_WORDS[effect.verdict]}, ${points(effect.difference)} (${adjusted} ${formatP(effect.pAdjusted ?? 1)}).`;
  const shown = ({ verdict }: Effect) => verdict === 'better' || verdict === 'worse';
  return [
    ...otherMetrics.flatMap((measure) =>
      measure.effects.filter(shown).map((effect) => words(effect, metricWords(measure), 'q')),
    ),
    ...groups.flatMap((group) =>
      group.effects.filter(shown).map((effect) => words(effect, `${metric}, ${groupWords(group)},`, 'p')),
    ),
    ...(factors === undefined ? [] : factorsShown(factors, alpha)),
  ];
}
