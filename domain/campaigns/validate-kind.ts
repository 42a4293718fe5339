import { messageVariables, ownAddress } from '../creatives/language';
import type { Fault } from '../shared/errors';
import { natureRule } from '../delivery/nature-rules';
import type { Scenario } from './scenario';
import { challengeFaults } from './challenge';
import { stepsOf } from './steps';

const DAY_SECONDS = 86_400;
/** A purchase a season later has other causes than a message. */
const LONGEST_ATTRIBUTION_SECONDS = 90 * DAY_SECONDS;

/** What goes with one kind of scenario and not with another. */
export const kindFaults = (scenario: Scenario): Fault[] => [
  ...blockFaults(scenario),
  ...continuousFaults(scenario),
  ...oneAtATimeFaults(scenario),
  ...challengeFaults(scenario),
  ...variableFaults(scenario),
  ...attributionFaults(scenario),
  ...sendHourFaults(scenario),
];

/** `continuous` and `triggered` are there exactly where the kind is theirs. */
const blockFaults = (scenario: Scenario): Fault[] =>
  (['continuous', 'triggered'] as const).flatMap((block) => {
    const present = scenario[block] !== undefined;
    if (present === (scenario.kind === block)) return [];
    return [
      {
        path: `/${block}`,
        message: present
          ? `a scenario of kind ${scenario.kind} has no block \`${block}\``
          : `a ${block} scenario says its period`,
      },
    ];
  });

/** A shorter re-entry would be asked for while the same period still keeps the person out. */
function continuousFaults({ continuous }: Scenario): Fault[] {
  if (continuous === undefined || continuous.reentryDays === null) return [];
  return continuous.reentryDays * DAY_SECONDS >= continuous.periodSeconds
    ? []
    : [
        {
          path: '/continuous/reentryDays',
          message: 'is shorter than the period, in which everybody enters once',
        },
      ];
}

const NOTHING_COMPARED = {
  continuous: 'people come one by one; `challenge` sets some of them apart',
  triggered: 'each message is asked for by itself and owed to one person',
} as const;

/** What needs people to be there all at once, or goes beyond the one message that was asked for. */
function oneAtATimeFaults(scenario: Scenario): Fault[] {
  const { kind, arms, steps } = scenario;
  if (kind === 'batch') return [];
  const reason = NOTHING_COMPARED[kind];
  const faults: Fault[] = (['experiment', 'pilot'] as const)
    .filter((block) => scenario[block] !== undefined)
    .map((block) => ({ path: `/${block}`, message: `a ${kind} scenario has none: ${reason}` }));
  if (arms.length > 1 && (kind === 'triggered' || scenario.challenge === undefined))
    faults.push({ path: '/arms', message: `a ${kind} scenario has a single arm: ${reason}` });
  arms.forEach((arm, index) => {
    if (arm.control)
      faults.push({
        path: `/arms/${index}/control`,
        message: `a ${kind} scenario has no control: ${reason}`,
      });
  });
  if (kind === 'triggered' && steps.length > 0)
    faults.push({
      path: '/steps',
      message: 'a triggered scenario has none: its first message alone is sent, to whom it was asked for',
    });
  return faults;
}

function variableFaults(scenario: Scenario): Fault[] {
  const names = scenario.variables.map(({ name }) => name);
  const faults: Fault[] = [];
  if (scenario.kind !== 'triggered' && names.length > 0)
    faults.push({ path: '/variables', message: 'only a triggered message is asked with values of its own' });
  scenario.variables.forEach(({ name, fallback }, index) => {
    if (names.indexOf(name) < index)
      faults.push({ path: `/variables/${index}/name`, message: 'is there more than once' });
    if (/[{}]/.test(fallback))
      faults.push({ path: `/variables/${index}/fallback`, message: 'holds a brace, which is for variables' });
  });
  const declared = new Set(names);
  const onlyByEmail = stepsOf(scenario).every(
    ({ channels }) => channels?.every((channel) => channel === 'email') ?? false,
  );
  for (const { path, text } of wordsOf(scenario)) {
    const unknown = messageVariables(text).find((name) => !declared.has(name));
    if (unknown !== undefined)
      faults.push({ path, message: `message.${unknown} is not among the scenario's variables` });
    if (ownAddress(text) !== null && path.endsWith('/ctaUrl') && !onlyByEmail)
      faults.push({ path, message: 'only e-mail has a button for it: `channels` must be e-mail alone' });
  }
  return faults;
}

function attributionFaults({ attribution }: Scenario): Fault[] {
  return attribution === undefined || attribution.windowSeconds <= LONGEST_ATTRIBUTION_SECONDS
    ? []
    : [{ path: '/attribution/windowSeconds', message: 'is longer than 90 days: too far from the message' }];
}

/** An hour that no message of the scenario would wait for. */
function sendHourFaults(scenario: Scenario): Fault[] {
  if (scenario.sendHour === undefined) return [];
  return stepsOf(scenario).some((step) => natureRule(step.nature).quietHours)
    ? []
    : [{ path: '/sendHour', message: `${scenario.nature} messages go at once, at any hour` }];
}

interface Words {
  readonly path: string;
  readonly text: string;
}

/** Every text an editor wrote, with its place. */
const wordsOf = ({ content, arms, steps }: Scenario): Words[] => [
  ...textsIn(content, '/content'),
  ...arms.flatMap((arm, index) => textsIn(arm.content, `/arms/${index}/content`)),
  ...steps.flatMap((step, index) => textsIn(step.content, `/steps/${index}/content`)),
];

function textsIn(value: unknown, path: string): Words[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, `${path}/${key}`));
}
