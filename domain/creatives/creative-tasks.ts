import { channelsOfArm, channelsOfStep } from '../campaigns/arm-ways';
import { sendingArms } from '../campaigns/arms';
import type { Scenario } from '../campaigns/scenario';
import { stepsOf } from '../campaigns/steps';
import type { ChannelPolicy } from '../delivery/channel-policy';
import type { Channel } from '../shared/words';

export interface CreativeKey {
  readonly step: string;
  readonly channel: Channel;
  readonly persona: string;
  readonly arm: string;
}

/** Personas anybody may have who comes to match later. */
export const declaredPersonas = ({ audience }: Scenario): string[] => [
  ...new Set([
    ...audience.personas,
    ...(audience.fallbackPersona === undefined ? [] : [audience.fallbackPersona]),
  ]),
];

/** Every message a scenario may send to people of these personas: each step by each channel it may take. */
export const creativeTasks = (
  scenario: Scenario,
  policies: readonly ChannelPolicy[],
  personas: readonly string[],
): CreativeKey[] =>
  stepsOf(scenario).flatMap((step) =>
    channelsOfStep(scenario, step, policies).flatMap((channel) =>
      [...personas].sort().flatMap((persona) =>
        sendingArms(scenario)
          .filter((arm) => channelsOfArm(arm, step, policies).includes(channel))
          .map(({ key: arm }) => ({ step: step.key, channel, persona, arm })),
      ),
    ),
  );
