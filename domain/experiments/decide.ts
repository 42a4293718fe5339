import type { Comparison, Evaluation, ExperimentInput } from './evaluation';
import { formatP } from './p-value';
import { intervalWords, percent, points } from './words';

type Facts = Omit<Evaluation, 'decision'>;
type Decision = Evaluation['decision'];

/**
 * Ship `best` unless the test is not to be believed, and say why in words. A sample-ratio mismatch comes before
 * everything: with it no difference means anything.
 */
export function decide(facts: Facts, best: string | null, input: ExperimentInput): Decision {
  if (facts.health.verdict === 'fail')
    return { action: 'invalid', arm: null, reasons: [mismatchWords(facts, input)] };
  const warning = facts.health.verdict === 'warn' ? [warnWords(facts)] : [];
  const small = facts.arms.filter((arm) => arm.n < input.minPerArm);
  if (facts.comparisons.length === 0) {
    return {
      action: 'no-winner',
      arm: null,
      reasons: ['There is only one arm: nothing to compare.', ...warning],
    };
  }
  if (small.length > 0) {
    const sizes = small.map((arm) => `${arm.label} has ${arm.n}`).join(', ');
    const reasons = [`Too few people to judge: ${sizes}, and each arm needs ${input.minPerArm}.`, ...warning];
    return { action: 'no-winner', arm: null, reasons };
  }
  return best === null
    ? { action: 'no-winner', arm: null, reasons: [...noWinnerWords(facts, input), ...warning] }
    : { action: 'ship', arm: best, reasons: [...winnerWords(facts, best, input), ...warning] };
}

function winnerWords(facts: Facts, best: string, input: ExperimentInput): string[] {
  const won = facts.comparisons.find((c) => c.arm === best);
  const others = facts.comparisons.filter((c) => c.arm !== best);
  return [
    ...(won ? [`${label(facts, best)} wins: ${comparisonWords(facts, won, input)}`] : []),
    ...facts.amongWinners.map((c) => runnerUpWords(facts, c, input)),
    ...others
      .filter((c) => !facts.amongWinners.some((among) => among.against === c.arm))
      .map((c) => `${label(facts, c.arm)} did not win: ${comparisonWords(facts, c, input)}`),
    ...referenceWords(facts),
  ];
}

function runnerUpWords(facts: Facts, c: Comparison, { alpha }: ExperimentInput): string {
  const close =
    c.pAdjusted < alpha
      ? ''
      : ` The two are too close to tell apart; ${label(facts, c.arm)} has the better rate.`;
  const runnerUp = facts.arms.find((arm) => arm.arm === c.against);
  return (
    `${label(facts, c.against)} beats ${referenceLabel(facts)} too, with ${percent(runnerUp?.rate ?? 0)}; ` +
    `${label(facts, c.arm)} is ${points(c.difference)} from it (${intervalWords(c.ci, alpha)}, p ${formatP(c.pAdjusted)}).` +
    close
  );
}

function noWinnerWords(facts: Facts, input: ExperimentInput): string[] {
  const detectable =
    facts.detectable === null
      ? []
      : [
          `With these numbers a true difference of ${points(facts.detectable).replace('+', '')} or more would have been found four times in five.`,
        ];
  return [
    ...facts.comparisons.map(
      (c) => `${label(facts, c.arm)} did not win: ${comparisonWords(facts, c, input)}`,
    ),
    ...detectable,
    ...referenceWords(facts),
  ];
}

function comparisonWords(facts: Facts, c: Comparison, { alpha, metric }: ExperimentInput): string {
  const rate = (key: string) => percent(facts.arms.find((arm) => arm.arm === key)?.rate ?? 0);
  const adjusted =
    facts.comparisons.length > 1
      ? ` after Holm's correction for ${facts.comparisons.length} comparisons`
      : '';
  const doubt = c.trusted
    ? ''
    : ' Fewer than 5 events are expected in one of the two arms: too few to judge.';
  return (
    `${metric} ${rate(c.arm)} against ${rate(c.against)} in ${label(facts, c.against)}, ${points(c.difference)} ` +
    `(${intervalWords(c.ci, alpha)}, p ${formatP(c.pAdjusted)}${adjusted}).${doubt}`
  );
}

function referenceWords(facts: Facts): string[] {
  switch (facts.reference.role) {
    case 'control':
      return [];
    case 'baseline':
      return [`There is no control arm: arms are compared with the baseline, ${referenceLabel(facts)}.`];
    case 'first':
      return [
        `There is no control and no baseline: arms are compared with the first one, ${referenceLabel(facts)}.`,
      ];
  }
}

function mismatchWords(facts: Facts, { arms }: ExperimentInput): string {
  const onAllowed = facts.health.allowed.verdict === 'fail';
  const ratio = onAllowed ? facts.health.allowed : facts.health.assigned;
  const sizes = arms
    .map((arm) => `${arm.label ?? arm.key} ${onAllowed ? arm.n : (arm.assigned ?? 0)}`)
    .join(', ');
  const who = onAllowed ? 'that the gate let through' : 'that were dealt to them';
  return (
    `Sample-ratio mismatch: the arms do not have the sizes they were dealt by, counting the people ${who} ` +
    `(${sizes}; p ${formatP(ratio?.p ?? 1)}). Something removes people from one arm more than from another, so no ` +
    'difference between arms can be believed.'
  );
}

const warnWords = ({ health }: Facts): string =>
  `Sample ratios are a little off (p ${formatP(Math.min(health.allowed.p ?? 1, health.assigned?.p ?? 1))}): worth a look, not enough to discard the test.`;

const label = (facts: Facts, key: string): string => facts.arms.find((arm) => arm.arm === key)?.label ?? key;

const referenceLabel = (facts: Facts): string => label(facts, facts.reference.arm);
