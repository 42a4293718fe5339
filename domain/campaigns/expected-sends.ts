import type { ChannelPolicy } from '../delivery/channel-policy';
import type { Channel, Nature, Part, Stage } from '../shared/words';
import { calendarOf, PLANNING } from './calendar';
import type { AudienceCounts } from './audience';
import { channelsOfStep } from './arm-ways';
import type { Scenario } from './scenario';
import { stepsOf, type Step } from './steps';

/** When people of one part are expected to get one step, spread evenly over [from, until]. */
export interface ExpectedSend {
  readonly step: string;
  readonly part: Part;
  readonly nature: Nature;
  /** First choice; the gate may take another. */
  readonly channel: Channel;
  readonly from: Date;
  readonly until: Date;
  /** What the step follows and how long after each person's own message; null: the first message. */
  readonly follows: { readonly step: string; readonly when: string; readonly afterSeconds: number } | null;
}

export interface OpenCampaign {
  readonly scenario: Scenario;
  readonly counts: AudienceCounts;
  readonly stage: Stage;
  readonly stageStartedAt: Date;
}

/** The stage in which people of a part are written to. */
export const SENDING: Readonly<Record<Part, Stage>> = {
  pilot: 'pilot',
  test: 'experiment',
  rollout: 'rollout',
};

/**
 * When an open campaign would send what it has not sent, if its stages took as long as planned from here on: the stage
 * it is in began at `stageStartedAt` and ends at the earliest now. Of a stage that is over, what is left may go at once.
 */
export function expectedSends(
  campaign: OpenCampaign,
  policies: readonly ChannelPolicy[],
  now: Date,
): ExpectedSend[] {
  const { scenario, counts, stage } = campaign;
  const plan = calendarOf(scenario, counts, {
    startAt: campaign.stageStartedAt,
    ...PLANNING,
    approvalSeconds: scenario.approval.remindSeconds,
  });
  const current = plan.findIndex((entry) => entry.stage === stage);
  const here = plan[current];
  if (here === undefined) return [];
  const began = Date.parse(here.startsAt);
  // The plan begins at its first stage; what counts is when this one did. One that takes longer pushes the later ones.
  const shift = campaign.stageStartedAt.getTime() - began;
  const late = Math.max(0, now.getTime() - (Date.parse(here.endsAt) + shift));
  const sends: ExpectedSend[] = [];
  for (const part of ['pilot', 'test', 'rollout'] as const) {
    const at = plan.findIndex((entry) => entry.stage === SENDING[part]);
    const entry = plan[at];
    if (entry === undefined || counts.parts[part] === 0) continue;
    const move = at < current ? -Infinity : shift + late;
    const from = Math.max(now.getTime(), Date.parse(entry.startsAt) + move);
    const until = Math.max(from, Date.parse(entry.endsAt) + move);
    for (const step of stepsOf(scenario)) {
      const after = delayOf(scenario, step) * 1_000;
      const [channel = 'email'] = channelsOfStep(scenario, step, policies);
      sends.push({
        step: step.key,
        part,
        nature: step.nature,
        channel,
        from: new Date(from + after),
        until: new Date(until + after),
        follows: step.follows,
      });
    }
  }
  return sends;
}

/** Seconds between the first message and a step, over the steps between them. */
export function delayOf(scenario: Scenario, step: Step): number {
  const { follows } = step;
  if (follows === null) return 0;
  const before = stepsOf(scenario).find(({ key }) => key === follows.step);
  return follows.afterSeconds + (before === undefined ? 0 : delayOf(scenario, before));
}
