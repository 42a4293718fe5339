import type { ChannelPolicy } from '../delivery/channel-policy';
import type { Channel, Nature } from '../shared/words';
import { channelsOfStep } from './arm-ways';
import type { Scenario } from './scenario';
import { stepsOf, type Step } from './steps';

/** A message of the same campaign that somebody has had when a later step falls due. */
export interface OwnMessage {
  readonly step: string;
  readonly nature: Nature;
  /** First choice; the gate may have taken another. */
  readonly channel: Channel;
  /** Before the later step, at the least. */
  readonly agoSeconds: number;
}

/** What a step follows, the nearest first. A message that failed reached nobody. */
export function ownMessagesBefore(
  scenario: Scenario,
  step: Step,
  policies: readonly ChannelPolicy[],
): OwnMessage[] {
  const { follows } = step;
  const before = follows === null ? undefined : stepsOf(scenario).find(({ key }) => key === follows.step);
  if (follows === null || before === undefined) return [];
  const [channel = 'email'] = channelsOfStep(scenario, before, policies);
  const parent = { step: before.key, nature: before.nature, channel, agoSeconds: follows.afterSeconds };
  const earlier = ownMessagesBefore(scenario, before, policies).map((message) => ({
    ...message,
    agoSeconds: message.agoSeconds + follows.afterSeconds,
  }));
  return follows.when === 'failed' ? earlier : [parent, ...earlier];
}
