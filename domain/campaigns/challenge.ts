import type { Fault } from '../shared/errors';
import { scenarioSchema, type Arm, type Scenario } from './scenario';

/** Arms that may take the champion's place, in the scenario's order. */
const challengersOf = ({ arms }: Scenario): Arm[] =>
  arms.filter(({ baseline, control }) => !baseline && !control);

/**
 * A live scenario as its n-th campaign runs it (n from 1, in the order they were made): every `everyPeriods`-th has one challenger,
 * who takes turns with the others, on its share of those who enter, and a test of it against the champion; in the periods
 * between everybody gets the champion. A scenario that is not challenged is what it is.
 */
export function atPeriod(scenario: Scenario, n: number): Scenario {
  const { challenge } = scenario;
  const champion = scenario.arms.find(({ baseline }) => baseline);
  if (challenge === undefined || champion === undefined) return scenario;
  const { share, everyPeriods, ...terms } = challenge;
  const challengers = challengersOf(scenario);
  const challenger = challengers[(n / everyPeriods - 1) % challengers.length];
  if (n % everyPeriods !== 0 || challenger === undefined)
    return { ...scenario, arms: [{ ...champion, weight: 1 }] };
  return scenarioSchema.parse({
    ...scenario,
    arms: [
      { ...champion, weight: 1 - share },
      { ...challenger, weight: share },
    ],
    experiment: { ...terms, testShare: 1, onNoWinner: 'baseline' },
  });
}

/** What a challenge needs, and what goes with it alone. */
export function challengeFaults(scenario: Scenario): Fault[] {
  const { kind, challenge, arms } = scenario;
  if (challenge === undefined) return [];
  if (kind !== 'continuous')
    return [
      { path: '/challenge', message: `a ${kind} scenario has none: a test of its own compares its arms` },
    ];
  const faults: Fault[] = [];
  if (!arms.some(({ baseline }) => baseline))
    faults.push({
      path: '/arms',
      message: 'no arm is marked as the baseline: the champion that is challenged',
    });
  if (challengersOf(scenario).length === 0)
    faults.push({ path: '/arms', message: 'there is nobody to challenge the champion: a second arm' });
  arms.forEach((arm, index) => {
    // Who could be reached in one arm alone would get nothing.
    if (arm.channels !== undefined)
      faults.push({
        path: `/arms/${index}/channels`,
        message: 'a live campaign goes by the same channels in every arm: who enters is owed the message',
      });
  });
  return faults;
}

/** How a live campaign is challenged in this period, for who approves it and who reads of it. */
export function challengeWords({
  challenge,
  arms,
}: {
  readonly challenge?: Scenario['challenge'];
  readonly arms: readonly { readonly label: string; readonly baseline?: boolean }[];
}): string | null {
  if (challenge === undefined) return null;
  const challenger = arms.find(({ baseline }) => !baseline);
  const rhythm =
    challenge.everyPeriods === 1 ? 'in each period' : `in one period of ${challenge.everyPeriods}`;
  const share = `${Number((challenge.share * 100).toFixed(2))}%`;
  return challenger === undefined
    ? `not in this period; ${rhythm} ${share} of who enter get a challenger`
    : `${share} of who enter get ${challenger.label}, ${rhythm}`;
}
