import type { Way } from '../campaigns/arm-ways';
import { challengeWords } from '../campaigns/challenge';
import type { Scenario } from '../campaigns/scenario';
import { declaredWords, type Declared } from './beside-words';
import { exclusionWords } from './exclusion';
import { percent } from './words';

type Experiment = NonNullable<Scenario['experiment']>;
/** Of scenarios as they are stored, which may be older than some of it. */
export type PlannedTest = Pick<Experiment, 'testShare' | 'alpha'> & Partial<Experiment>;

/** How a test is planned, for who approves it: everything its decision hangs on beside the metric. */
export function testPlanWords(
  experiment: PlannedTest,
  guardrails: Scenario['guardrails'],
  ofBatch = true,
): string {
  const {
    testShare,
    alpha,
    power,
    minPerArm,
    earlyLooks = 0,
    onNoWinner,
    replicates,
    exclusion,
    covariate,
  } = experiment;
  return [
    ...(ofBatch ? [`${share(testShare)} of those outside the pilot`] : []),
    `alpha ${alpha}${power === undefined ? '' : `, power ${share(power)}`}`,
    ...soughtWords(experiment),
    ...(minPerArm === undefined ? [] : [`at least ${minPerArm} people an arm`]),
    earlyLooks === 0
      ? 'one look, at the end'
      : `${earlyLooks} early look${earlyLooks === 1 ? '' : 's'} and the end`,
    ...guardrails.map(({ metric, limit }) => `stopped above ${percent(limit)} ${metric}s`),
    ...(onNoWinner === undefined || !ofBatch ? [] : [NO_WINNER[onNoWinner]]),
    ...(covariate === undefined
      ? []
      : [`what ${covariate.event} in the ${covariate.days} days before foretold is taken out`]),
    ...(exclusion === undefined ? [] : [exclusionWords(exclusion)]),
    ...(replicates === undefined ? [] : [`repeats ${replicates}`]),
  ].join('; ');
}

const share = (of: number): string => `${Number((of * 100).toFixed(2))}%`;

function soughtWords({ baselineRate, minimumEffect }: PlannedTest): string[] {
  if (baselineRate === undefined || minimumEffect === undefined) return [];
  const effect =
    'relative' in minimumEffect
      ? `a change of ${share(minimumEffect.relative)}`
      : `a change of ${Number((minimumEffect.absolute * 100).toFixed(2))} points`;
  return [`to find ${effect} from ${percent(baselineRate)}`];
}

const NO_WINNER: Readonly<Record<Experiment['onNoWinner'], string>> = {
  'stop-without-sending': 'without a winner nobody else is written to',
  baseline: 'without a winner the baseline goes on',
  cheapest: 'without a winner the cheapest arm goes on',
};

/** A scenario's test as it is approved, and told on its page: a heading and words each; empty: it has none. */
export function plannedLines({
  test,
  guardrails,
  challenge,
  arms,
}: {
  readonly test: (Declared & PlannedTest) | null;
  readonly guardrails: Scenario['guardrails'];
  readonly challenge?: Scenario['challenge'] | null;
  readonly arms: readonly (Way & { readonly label: string; readonly baseline?: boolean })[];
}): ReturnType<typeof declaredWords> {
  const challenged = challengeWords({ challenge: challenge ?? undefined, arms });
  return [
    ...(challenged === null ? [] : [{ what: 'Challenge', words: challenged }]),
    ...(test === null ? [] : [{ what: 'Test', words: testPlanWords(test, guardrails, challenged === null) }]),
    ...declaredWords(test ?? {}, arms),
  ];
}
