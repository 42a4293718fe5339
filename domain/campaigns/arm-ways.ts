import { channelsFor, type ChannelPolicy } from '../delivery/channel-policy';
import type { Weekday } from '../frequency/weekday';
import type { Channel } from '../shared/words';
import { sendingArms } from './arms';
import type { Arm, Scenario } from './scenario';
import type { Step } from './steps';

/** The channels of one arm, first choice first. */
export interface ArmChannels {
  readonly arm: string;
  readonly channels: readonly Channel[];
}

/** When an arm's messages should arrive; null leaves it as it is for everybody else. */
export interface ArmMoment {
  readonly arm: string;
  readonly sendHour: number | null;
  readonly sendDay: Weekday | null;
}

/** Channels an arm's message of a step may take: its own are those of the first message alone. */
export const channelsOfArm = (
  arm: Pick<Arm, 'channels'>,
  step: Step,
  policies: readonly ChannelPolicy[],
): readonly Channel[] => (step.follows === null ? arm.channels : undefined) ?? channelsFor(step, policies);

/** Every channel a message of a step may take, whatever the arm. */
export const channelsOfStep = (
  scenario: Scenario,
  step: Step,
  policies: readonly ChannelPolicy[],
): readonly Channel[] => {
  const each = sendingArms(scenario).flatMap((arm) => channelsOfArm(arm, step, policies));
  return each.length === 0 ? channelsFor(step, policies) : [...new Set(each)];
};

/** Of a test of channels; null: every arm takes the same, in the same order. */
export function armChannels(
  scenario: Scenario,
  step: Step,
  policies: readonly ChannelPolicy[],
): readonly ArmChannels[] | null {
  const each = sendingArms(scenario).map((arm) => ({
    arm: arm.key,
    channels: channelsOfArm(arm, step, policies),
  }));
  return new Set(each.map(({ channels }) => channels.join())).size > 1 ? each : null;
}

/** Of a test of moments: the arms that have one of their own. */
export const armMoments = (scenario: Scenario): ArmMoment[] =>
  sendingArms(scenario).flatMap(({ key, sendHour = null, sendDay = null }) =>
    sendHour === null && sendDay === null ? [] : [{ arm: key, sendHour, sendDay }],
  );

/** What an arm may have of its own beside its words. */
export type Way = { readonly [K in 'channels' | 'sendHour' | 'sendDay' | 'factors']?: Arm[K] };

/** How an arm goes out otherwise than the scenario says, for who approves it and who reads of it: `by sms, at 18 h on thu`. */
export function wayWords({ channels, sendHour, sendDay, factors }: Way): string {
  const moment = [
    ...(sendHour === undefined ? [] : [`at ${sendHour} h`]),
    ...(sendDay === undefined ? [] : [`on ${DAY_WORDS[sendDay]}`]),
  ].join(' ');
  return [
    ...(channels === undefined ? [] : [`by ${channels.join(', else ')}`]),
    ...(moment === '' ? [] : [moment]),
    ...Object.entries(factors ?? {}).map(([factor, level]) => `${factor} ${level}`),
  ].join(', ');
}

const DAY_WORDS: Readonly<Record<Weekday, string>> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};
