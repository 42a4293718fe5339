import { own } from '../shared/own';
import type { Arm, Scenario } from './scenario';

/** Arms that send something, in the scenario's order. */
export const sendingArms = (scenario: Scenario): Arm[] => scenario.arms.filter((arm) => !arm.control);

/** The arm everybody gets where there is no test: the only one that sends (validation holds that there is one). */
export function defaultArm(scenario: Scenario): string {
  const [first] = sendingArms(scenario);
  if (first === undefined) throw new Error('a scenario has at least one arm that sends');
  return first.key;
}

/** Millionths of a euro, of an arm's messages on average. */
export type ArmCosts = Readonly<Record<string, number>>;

/** Of arms that cost alike the baseline, else the first of the scenario; an arm of which nothing is known is none of them. */
export function cheapestArm(scenario: Scenario, costs: ArmCosts): string {
  const known = sendingArms(scenario).flatMap((arm) => {
    const cost = own(costs, arm.key);
    return cost === undefined ? [] : [{ arm, cost }];
  });
  const [best] = known.toSorted((a, b) => a.cost - b.cost || Number(b.arm.baseline) - Number(a.arm.baseline));
  return best?.arm.key ?? baselineArm(scenario) ?? defaultArm(scenario);
}

export const baselineArm = (scenario: Scenario): string | null =>
  scenario.arms.find((arm) => arm.baseline)?.key ?? null;
