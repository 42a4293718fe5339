import type { Stage } from '../shared/words';
import type { AudienceCounts } from './audience';
import { sendingArms } from './arms';
import type { Scenario } from './scenario';

export interface CalendarEntry {
  readonly stage: Stage;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** Planning figures, for a worker that has not sent anything yet. */
export const PLANNING = { messagesPerSecond: 300, secondsPerCreative: 0.5 } as const;

export interface CalendarAssumptions {
  readonly startAt: Date;
  /** What a worker handed over lately, or the planning figure. */
  readonly messagesPerSecond: number;
  readonly secondsPerCreative: number;
  /** How long people take to decide; the deadline at the latest. */
  readonly approvalSeconds: number;
}

/** Messages each sending stage hands over, from the counts of the audience. Control people get none. */
export function messagesByStage(
  scenario: Scenario,
  counts: AudienceCounts,
): { pilot: number; experiment: number; rollout: number } {
  const { pilot, test, rollout } = counts.parts;
  const weights = scenario.arms.reduce((sum, arm) => sum + arm.weight, 0);
  const sending = sendingArms(scenario).reduce((sum, arm) => sum + arm.weight, 0) / weights;
  // Without a test the pilot, too, sends the one arm to everybody.
  const share = scenario.experiment ? sending : 1;
  return { pilot: Math.round(pilot * share), experiment: Math.round(test * sending), rollout };
}

/** When each stage would start and end if the campaign started at `startAt`; a stage without work takes no time. */
export function calendarOf(
  scenario: Scenario,
  counts: AudienceCounts,
  { startAt, messagesPerSecond, secondsPerCreative, approvalSeconds }: CalendarAssumptions,
): CalendarEntry[] {
  // A live campaign's challenger is sent to and judged within its period.
  const experiment = scenario.kind === 'batch' ? scenario.experiment : undefined;
  const creatives = Object.keys(counts.personas).length * sendingArms(scenario).length;
  const messages = messagesByStage(scenario, counts);
  const sending = (n: number): number => Math.ceil(n / messagesPerSecond);
  const seconds: [Stage, number][] = [
    ['define', 1],
    ['audit', 1],
    ['create', Math.ceil(creatives * secondsPerCreative)],
    ['qa', 1],
    ['approve', Math.min(approvalSeconds, scenario.approval.deadlineSeconds)],
    ['pilot', scenario.pilot ? sending(messages.pilot) : 0],
    ['pilot-observe', scenario.pilot ? scenario.pilot.observeSeconds : 0],
    ['experiment', experiment ? sending(messages.experiment) + looks(experiment) : 0],
    ['evaluate', experiment ? scenario.primaryMetric.windowSeconds : 0],
    ['rollout', sending(messages.rollout) + looks(scenario.rollout)],
    ['observe', scenario.rollout.observeSeconds],
    ['learn', 1],
  ];
  let at = startAt.getTime();
  return seconds.map(([stage, took]) => {
    const startsAt = new Date(at).toISOString();
    at += took * 1_000;
    return { stage, startsAt, endsAt: new Date(at).toISOString() };
  });
}

/** Seconds between waves. */
const looks = ({
  waves,
  lookAfterSeconds,
}: {
  readonly waves: readonly number[];
  readonly lookAfterSeconds: number;
}): number => (waves.length - 1) * lookAfterSeconds;
