import type { Channel, Nature, Urgency } from '../shared/words';
import type { Content, Scenario, StepCondition } from './scenario';

export const FIRST_STEP = 'first';

/** The wave of the first message to whoever enters a continuous campaign; a later step's is `<step>.entries`. */
export const ENTRIES_WAVE = 'entries';

/** One message of a scenario, whichever it is. */
export interface Step {
  readonly key: string;
  readonly nature: Nature;
  readonly urgency: Urgency;
  /** First choice first; null: the channel policy decides. */
  readonly channels: readonly Channel[] | null;
  /** null: the first message, which waits for nothing. */
  readonly follows: {
    readonly step: string;
    readonly when: StepCondition;
    readonly afterSeconds: number;
  } | null;
  /** What it says otherwise than the scenario and the arm do. */
  readonly content: Partial<Content>;
}

/** Every step of a scenario in the order it is sent: the scenario's own message first. */
export const stepsOf = (scenario: Scenario): Step[] => [
  {
    key: FIRST_STEP,
    nature: scenario.nature,
    urgency: scenario.urgency,
    channels: scenario.channels ?? null,
    follows: null,
    content: {},
  },
  ...scenario.steps.map((step) => ({
    key: step.key,
    nature: step.nature ?? scenario.nature,
    urgency: step.urgency ?? scenario.urgency,
    channels: step.channels ?? null,
    follows: { step: step.after, when: step.when, afterSeconds: step.afterSeconds },
    content: withoutUndefined(step.content),
  })),
];

/** Throws where the scenario has no such step: the caller holds a wave of it, so the data is broken. */
export function stepOf(scenario: Scenario, key: string): Step {
  const step = stepsOf(scenario).find((s) => s.key === key);
  // A service message's row carries its own key: it is the first step, once for each message.
  if (step !== undefined) return step;
  const [first] = stepsOf(scenario);
  if (first !== undefined && key.startsWith(MESSAGE_STEP)) return first;
  throw new Error(`the scenario ${scenario.key} has no step ${key}`);
}

/** Service messages to the same person are told apart by their step: `m.<message id>`. */
export const MESSAGE_STEP = 'm.';

const withoutUndefined = (given: Scenario['steps'][number]['content']): Partial<Content> =>
  JSON.parse(JSON.stringify(given));
