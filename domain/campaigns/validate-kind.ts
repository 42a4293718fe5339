import { messageVariables } from '../creatives/language';
import type { Fault } from '../shared/errors';
import type { Scenario } from './scenario';

const DAY_SECONDS = 86_400;
/** A purchase a season later has other causes than a message. */
const LONGEST_ATTRIBUTION_SECONDS = 90 * DAY_SECONDS;

/** What goes with one kind of scenario and not with another. */
export const kindFaults = (scenario: Scenario): Fault[] => [
  ...blockFaults(scenario),
  ...continuousFaults(scenario),
  ...triggeredFaults(scenario),
  ...variableFaults(scenario),
  ...attributionFaults(scenario),
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

/** Each message is somebody's own business (an order, a password): nobody is left without it to compare. */
function triggeredFaults(scenario: Scenario): Fault[] {
  if (scenario.kind !== 'triggered') return [];
  return (['experiment', 'pilot'] as const)
    .filter((block) => scenario[block] !== undefined)
    .map((block) => ({
      path: `/${block}`,
      message: 'a triggered scenario has none: each message is asked for by itself and owed to one person',
    }));
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
  for (const { path, text } of wordsOf(scenario)) {
    const unknown = messageVariables(text).find((name) => !declared.has(name));
    if (unknown !== undefined)
      faults.push({ path, message: `message.${unknown} is not among the scenario's variables` });
  }
  return faults;
}

function attributionFaults({ attribution }: Scenario): Fault[] {
  return attribution === undefined || attribution.windowSeconds <= LONGEST_ATTRIBUTION_SECONDS
    ? []
    : [{ path: '/attribution/windowSeconds', message: 'is longer than 90 days: too far from the message' }];
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
