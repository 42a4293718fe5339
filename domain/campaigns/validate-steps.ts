import type { Fault } from '../shared/errors';
import type { Channel } from '../shared/words';
import { FIRST_STEP } from './steps';
import type { Scenario } from './scenario';

/** Steps follow one that comes before them in the list, so there is no circle and no loose end. */
export const stepFaults = (scenario: Scenario): Fault[] => [
  ...orderFaults(scenario),
  ...channelFaults(scenario.channels, '/channels', scenario),
  ...scenario.arms.flatMap((arm, index) => channelFaults(arm.channels, `/arms/${index}/channels`, scenario)),
  ...scenario.steps.flatMap((step, index) =>
    channelFaults(step.channels, `/steps/${index}/channels`, scenario),
  ),
];

function orderFaults({ steps }: Scenario): Fault[] {
  const faults: Fault[] = [];
  const before = new Set([FIRST_STEP]);
  steps.forEach(({ key, after }, index) => {
    if (!before.has(after))
      faults.push({ path: `/steps/${index}/after`, message: `no earlier step has the key ${after}` });
    if (before.has(key)) faults.push({ path: `/steps/${index}/key`, message: 'is there more than once' });
    before.add(key);
  });
  return faults;
}

/** What a channel needs the scenario to say; null: nothing but its words. */
const NEEDED = {
  email: null,
  sms: null,
  push: null,
  'in-app': 'inApp',
  letter: 'letter',
  'e-letter': 'letter',
} as const satisfies Record<Channel, keyof Scenario | null>;

function channelFaults(channels: readonly Channel[] | undefined, path: string, scenario: Scenario): Fault[] {
  return (channels ?? []).flatMap((channel, index, all) => {
    const at = `${path}/${index}`;
    if (all.indexOf(channel) < index) return [{ path: at, message: 'is there more than once' }];
    const block = NEEDED[channel];
    return block === null || scenario[block] !== undefined
      ? []
      : [{ path: at, message: `${channel} needs the scenario's block \`${block}\`` }];
  });
}

/** Seconds from the first message to the last step that can follow it. Steps at fault count for nothing. */
export function longestChainSeconds({ steps }: Scenario): number {
  const reached = new Map([[FIRST_STEP, 0]]);
  for (const { key, after, afterSeconds } of steps)
    reached.set(key, (reached.get(after) ?? 0) + afterSeconds);
  return Math.max(...reached.values());
}
