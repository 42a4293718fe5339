import type { Fault } from '../shared/errors';
import type { Scenario } from './scenario';
import { armWayFaults } from './validate-arm-ways';
import { measureFaults } from './validate-measures';
import { kindFaults } from './validate-kind';
import { longestChainSeconds, stepFaults } from './validate-steps';

/** Longer than this from approval to the last observation is a typing error, not a plan. */
const LONGEST_CAMPAIGN_SECONDS = 400 * 86_400;

/**
 * What a scenario of the right shape may still get wrong by itself, without looking at anything else.
 * Empty: it can be run, as far as the scenario alone can tell.
 */
export function validateScenario(scenario: Scenario): Fault[] {
  return [
    ...armFaults(scenario),
    ...armWayFaults(scenario),
    ...experimentFaults(scenario),
    ...waveFaults(scenario),
    ...measureFaults(scenario),
    ...audienceFaults(scenario),
    ...guardrailFaults(scenario),
    ...stepFaults(scenario),
    ...kindFaults(scenario),
    ...windowFaults(scenario),
  ];
}

function armFaults({ arms }: Scenario): Fault[] {
  const faults = duplicates(
    arms.map((arm) => arm.key),
    (index) => `/arms/${index}/key`,
  );
  if (arms.every((arm) => arm.control))
    faults.push({ path: '/arms', message: 'at least one arm must send something' });
  arms.forEach((arm, index) => {
    if (arm.control && arm.baseline) {
      faults.push({
        path: `/arms/${index}/baseline`,
        message: 'the control sends nothing, so it cannot be the baseline',
      });
    }
  });
  if (arms.filter((arm) => arm.baseline).length > 1) {
    faults.push({ path: '/arms', message: 'at most one arm is the baseline' });
  }
  return faults;
}

function experimentFaults({ kind, arms, experiment }: Scenario): Fault[] {
  // Of the other kinds `kindFaults` says that they compare nothing, and why.
  if (kind !== 'batch') return [];
  const senders = arms.filter((arm) => !arm.control);
  const controls = arms.filter((arm) => arm.control);
  if (experiment === undefined) {
    const faults: Fault[] = [];
    if (senders.length > 1) {
      faults.push({
        path: '/arms',
        message: 'without an experiment there is exactly one arm: nothing would choose between more',
      });
    }
    if (controls.length > 0) {
      faults.push({
        path: '/arms',
        message: 'a control arm is only compared in an experiment, and there is none',
      });
    }
    return faults;
  }
  const faults = duplicates(experiment.stratifyBy ?? [], (index) => `/experiment/stratifyBy/${index}`);
  const { exclusion } = experiment;
  if (exclusion !== undefined && exclusion.from >= exclusion.to)
    faults.push({ path: '/experiment/exclusion/to', message: 'is not above `from`: nobody is in between' });
  if (arms.length < 2) faults.push({ path: '/arms', message: 'an experiment compares at least two arms' });
  if (controls.length > 1)
    faults.push({ path: '/arms', message: 'an experiment has at most one control arm' });
  if ((experiment.baselineRate === undefined) !== (experiment.minimumEffect === undefined))
    faults.push({
      path: `/experiment/${experiment.baselineRate === undefined ? 'baselineRate' : 'minimumEffect'}`,
      message: 'a test is sized by both: the rate today and the smallest effect that matters',
    });
  if (experiment.onNoWinner === 'baseline' && !arms.some((arm) => arm.baseline)) {
    faults.push({
      path: '/experiment/onNoWinner',
      message: 'no arm is marked as the baseline to fall back on',
    });
  }
  return faults;
}

function waveFaults({ rollout, experiment }: Scenario): Fault[] {
  return [
    ...wavesFaults(rollout.waves, '/rollout/waves'),
    ...(experiment === undefined ? [] : wavesFaults(experiment.waves, '/experiment/waves')),
  ];
}

function wavesFaults(waves: readonly number[], path: string): Fault[] {
  const faults: Fault[] = [];
  waves.forEach((share, index) => {
    if (share <= (waves[index - 1] ?? 0)) {
      faults.push({
        path: `${path}/${index}`,
        message: 'shares are cumulative: each is larger than the one before',
      });
    }
  });
  if (waves.at(-1) !== 1) {
    faults.push({ path: `${path}/${waves.length - 1}`, message: 'the last share is 1: everybody' });
  }
  return faults;
}

function audienceFaults({ audience }: Scenario): Fault[] {
  return duplicates(audience.personas, (index) => `/audience/personas/${index}`);
}

function guardrailFaults({ guardrails }: Scenario): Fault[] {
  return duplicates(
    guardrails.map((guardrail) => guardrail.metric),
    (index) => `/guardrails/${index}/metric`,
  );
}

function windowFaults(scenario: Scenario): Fault[] {
  const testSeconds = scenario.experiment === undefined ? 0 : scenario.primaryMetric.windowSeconds;
  const totalSeconds =
    scenario.approval.deadlineSeconds +
    (scenario.pilot?.observeSeconds ?? 0) +
    testSeconds +
    longestChainSeconds(scenario) +
    scenario.rollout.observeSeconds;
  if (totalSeconds <= LONGEST_CAMPAIGN_SECONDS) return [];
  return [
    {
      path: '/rollout/observeSeconds',
      message: 'approval, observation, test windows and later steps add up to more than 400 days',
    },
  ];
}

/** One fault for each value that was already there, at its own place. */
function duplicates(values: readonly string[], pathOf: (index: number) => string): Fault[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) < index ? [{ path: pathOf(index), message: 'is there more than once' }] : [],
  );
}
