import { sendingArms } from '../campaigns/arms';
import type { Scenario } from '../campaigns/scenario';
import { stepsOf } from '../campaigns/steps';
import { channelsFor, type ChannelPolicy } from '../delivery/channel-policy';
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
    channelsFor(step, policies).flatMap((channel) =>
      [...personas]
        .sort()
        .flatMap((persona) =>
          sendingArms(scenario).map(({ key: arm }) => ({ step: step.key, channel, persona, arm })),
        ),
    ),
  );
