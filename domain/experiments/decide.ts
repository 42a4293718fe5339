import { isOfShares, type Comparison, type Evaluation, type ExperimentInput } from './evaluation';
import { formatP } from './p-value';
import { AMOUNTS, percent, SHARES, type Figures } from './words';

type Facts = Omit<Evaluation, 'decision'>;
type Decision = Evaluation['decision'];

/**
 * What is to be done, and why in words; `best`: the arm that beat the reference by most. In this order:
 *
 * | what is so                                              | early          | final       |
 * | ------------------------------------------------------- | -------------- | ----------- |
 * | the test is not healthy                                 | invalid        | invalid     |
 * | nothing to compare                                      | no-winner      | no-winner   |
 * | a guardrail lost, by the best arm or with no winner     | stop           | stop        |
 * | a guardrail lost, by another arm than the winner        | review         | review      |
 * | too few people in an arm                                | keep-running   | no-winner   |
 * | nobody beat the reference                               | keep-running   | no-winner   |
 * | a winner, by amounts that one person makes, or that the ranks deny | review | review    |
 * | a winner                                                | ship           | ship        |
 */
export function decide(facts: Facts, best: string | null, input: ExperimentInput): Decision {
  const early = input.look === 'early';
  const by = early ? 'always-valid' : 'fixed-horizon';
  const say = (action: Decision['action'], reasons: readonly string[]): Decision => ({
    action,
    arm: action === 'ship' ? best : null,
    reasons: [...reasons, ...(action === 'invalid' ? [] : warnings(facts, input))],
    by,
  });
  if (facts.health.verdict === 'fail') return say('invalid', failures(facts, input));
  if (facts.comparisons.length === 0) return say('no-winner', ['There is only one arm: nothing to compare.']);
  const lost = facts.guardrails.filter((guardrail) => guardrail.lost);
  if (lost.length > 0) {
    const words = lost.map(
      (guardrail) => `${label(facts, guardrail.arm)} lost a guardrail: ${guardrail.words}.`,
    );
    const winner = best === null ? [] : winnerWords(facts, best, input);
    return best !== null && lost.every(({ arm }) => arm !== best)
      ? say('review', [
          ...words,
          ...winner,
          'Whether an arm goes on beside one that did harm is for a person to say.',
        ])
      : say('stop', [
          ...words,
          ...winner,
          ...(best === null ? [] : ['A lost guardrail weighs more than a goal that is won.']),
        ]);
  }
  const small = facts.arms.filter((arm) => arm.n < input.minPerArm);
  if (small.length > 0) {
    const sizes = small.map((arm) => `${arm.label} has ${arm.n}`).join(', ');
    const words = `Too few people to judge: ${sizes}, and each arm needs ${input.minPerArm}.`;
    return say(early ? 'keep-running' : 'no-winner', [words]);
  }
  if (best === null)
    return early
      ? say('keep-running', ['Nothing holds yet that would hold at every look.', ...openWords(facts, input)])
      : say('no-winner', noWinnerWords(facts, input));
  const doubts = doubtsOf(facts, best);
  if (doubts.length > 0) return say('review', [...winnerWords(facts, best, input), ...doubts]);
  return say('ship', winnerWords(facts, best, input));
}

const failures = (facts: Facts, input: ExperimentInput): string[] =>
  facts.health.checks
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ name, words }) =>
      name === 'sample-ratio'
        ? mismatchWords(facts, input)
        : `${words} No difference between arms can be believed before that is understood.`,
    );

const warnings = (facts: Facts, { look }: ExperimentInput): string[] =>
  facts.health.checks
    .filter(({ verdict }) => verdict === 'warn')
    .map(({ name, words }) => (name === 'sample-ratio' ? warnWords(facts, look) : words));

/** What a winner is to be looked at for by somebody before anything is sent. */
function doubtsOf(facts: Facts, best: string): string[] {
  const won = facts.comparisons.find((c) => c.arm === best);
  const welch = won?.tests.find(({ name }) => name === 'welch');
  const ranks = won?.tests.find(({ name }) => name === 'mann-whitney');
  const heavy = facts.health.checks.some(({ name, verdict }) => name === 'outliers' && verdict === 'warn');
  return [
    ...(heavy ? ['The winner may stand on one person: somebody has to look.'] : []),
    ...(welch !== undefined && ranks !== undefined && ranks.p < 0.05 && ranksDeny(facts, won, ranks.statistic)
      ? ['By ranks most people went the other way (Mann–Whitney): few have much, and many have less.']
      : []),
  ];
}

/** U of the arm below half of all pairs, though its mean is above; and the other way round. */
function ranksDeny(facts: Facts, won: Comparison | undefined, u: number): boolean {
  const size = (key: string | undefined): number => facts.arms.find(({ arm }) => arm === key)?.n ?? 0;
  const half = (size(won?.arm) * size(won?.against)) / 2;
  return (won?.difference ?? 0) * (u - half) < 0;
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
  const { level, difference, interval } = figures(facts);
  return (
    `${label(facts, c.against)} beats ${referenceLabel(facts)} too, with ${level(runnerUp?.rate ?? 0)}; ` +
    `${label(facts, c.arm)} is ${difference(c.difference)} from it (${interval(c.ci, alpha)}, p ${formatP(c.pAdjusted)}).` +
    close
  );
}

const openWords = (facts: Facts, input: ExperimentInput): string[] =>
  facts.comparisons.map((c) => `${label(facts, c.arm)} so far: ${comparisonWords(facts, c, input)}`);

function noWinnerWords(facts: Facts, input: ExperimentInput): string[] {
  const detectable =
    facts.detectable === null
      ? []
      : [
          `With these numbers a true difference of ${figures(facts).difference(facts.detectable).replace('+', '')} or more would have been found ${oftenWords(input.power)}.`,
        ];
  return [
    ...facts.comparisons.map(
      (c) => `${label(facts, c.arm)} did not win: ${comparisonWords(facts, c, input)}`,
    ),
    ...detectable,
    ...referenceWords(facts),
  ];
}

function comparisonWords(facts: Facts, c: Comparison, input: ExperimentInput): string {
  const { alpha, metric } = input;
  const { level, difference, interval } = figures(facts);
  const rate = (key: string) => level(facts.arms.find((arm) => arm.arm === key)?.rate ?? 0);
  const adjusted =
    facts.comparisons.length > 1
      ? ` after Holm's correction for ${facts.comparisons.length} comparisons`
      : '';
  const early = input.look === 'early';
  const doubt = c.trusted
    ? ''
    : ` ${isOfShares(facts) ? 'Fewer than 5 events are expected in one of the two arms' : 'Fewer than 30 people with an amount, or none that differs'}: too few to judge.`;
  const shared = input.earlyLooks === true ? ' and for the looks' : '';
  return (
    `${metric} ${rate(c.arm)} against ${rate(c.against)} in ${label(facts, c.against)}, ${difference(c.difference)} ` +
    `(${early ? 'at every look, ' : ''}${interval(early ? c.alwaysValid.ci : c.ci, alpha)}, p ${formatP(c.pAdjusted)}${adjusted}${shared}).${doubt}`
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

function mismatchWords(facts: Facts, { arms, look }: ExperimentInput): string {
  const onAllowed = facts.health.allowed.verdict === 'fail';
  const ratio = onAllowed ? facts.health.allowed : facts.health.assigned;
  const sizes = arms
    .map((arm) => `${arm.label ?? arm.key} ${onAllowed ? arm.n : (arm.assigned ?? 0)}`)
    .join(', ');
  const who = onAllowed ? 'that the gate let through' : 'that were dealt to them';
  return (
    `Sample-ratio mismatch: the arms do not have the sizes they were dealt by, counting the people ${who} ` +
    `(${sizes}; p ${formatP(ratio?.p ?? 1)}${heldWords(look)}). Something removes people from one arm more than from another, so no ` +
    'difference between arms can be believed.'
  );
}

const heldWords = (look: ExperimentInput['look']): string =>
  look === 'early' ? ', which holds at every look' : ' by chi-square';

const warnWords = ({ health }: Facts, look: ExperimentInput['look']): string =>
  `Sample ratios are a little off (p ${formatP(Math.min(health.allowed.p ?? 1, health.assigned?.p ?? 1))}${heldWords(look)}): worth a look, not enough to discard the test.`;

/** Four times in five, as a test is usually planned. */
const oftenWords = (power = 0.8): string =>
  power === 0.8 ? 'four times in five' : `in ${percent(power)} of tests`;

/** How figures of this metric are written. */
const figures = (facts: Facts): Figures => (isOfShares(facts) ? SHARES : AMOUNTS);

const label = (facts: Facts, key: string): string => facts.arms.find((arm) => arm.arm === key)?.label ?? key;

const referenceLabel = (facts: Facts): string => label(facts, facts.reference.arm);
