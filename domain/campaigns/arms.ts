import type { Arm, Scenario } from './scenario';

/** Arms that send something, in the scenario's order. */
export const sendingArms = (scenario: Scenario): Arm[] => scenario.arms.filter((arm) => !arm.control);

/** The arm everybody gets where there is no test: the only one that sends (validation holds that there is one). */
export function defaultArm(scenario: Scenario): string {
  const [first] = sendingArms(scenario);
  if (first === undefined) throw new Error('a scenario has at least one arm that sends');
  return first.key;
}

export const baselineArm = (scenario: Scenario): string | null =>
  scenario.arms.find((arm) => arm.baseline)?.key ?? null;
