import type { Evaluation } from './evaluation';
import type { EvaluationInputs, OutcomeCell } from './outcomes';
import { sensitivityOf, variantsOf, type Reading, type Variant } from './sensitivity';

/** Outcomes within a shorter window than the planned one; of the same people. */
export interface ShorterWindow {
  /** Of the planned window, between 0 and 1. */
  readonly share: number;
  readonly cells: readonly OutcomeCell[];
}

/**
 * What would have been decided of a campaign's test, had a threshold, the window, the covariate or who is counted been otherwise.
 * Where people are left out, or a shorter window is read, nothing is known of what the covariate was there: it is left out too.
 */
export function campaignSensitivity(inputs: EvaluationInputs, decision: Evaluation['decision']): Variant[] {
  const { windows = [], cells, guardrails = [] } = inputs;
  const personas = [...new Set(cells.map(({ persona }) => persona))].sort();
  const counted = (what: string, of: readonly OutcomeCell[]): Reading => ({
    what,
    input: {
      ...inputs,
      cuped: false,
      arms: inputs.arms.map((arm) => ({ ...plain(arm), ...countOf(of, arm.key) })),
    },
  });
  const readings: Reading[] = [
    ...windows.map(({ share, cells: shorter }) => counted(`within ${share * 100}% of the window`, shorter)),
    ...(personas.length < 2
      ? []
      : personas.map((persona) =>
          counted(
            `without persona ${persona}`,
            cells.filter((cell) => cell.persona !== persona),
          ),
        )),
    ...(guardrails.length === 0
      ? []
      : [0.5, 2].map((times) => ({
          what: times < 1 ? 'guardrails half as wide' : 'guardrails twice as wide',
          input: {
            ...inputs,
            guardrails: guardrails.map((one) => ({ ...one, limit: Math.min(0.999, one.limit * times) })),
          },
        }))),
  ];
  return [...sensitivityOf(inputs, decision), ...variantsOf(readings, decision)];
}

const countOf = (cells: readonly OutcomeCell[], arm: string): { n: number; events: number } => {
  const own = cells.filter((cell) => cell.arm === arm);
  return {
    n: own.reduce((sum, { n }) => sum + n, 0),
    events: own.reduce((sum, { events }) => sum + events, 0),
  };
};

/** Neither who was dealt nor what was known before is that of the people who are left. */
function plain(arm: EvaluationInputs['arms'][number]): EvaluationInputs['arms'][number] {
  const { before: _before, assigned: _assigned, ...rest } = { before: undefined, ...arm };
  return rest;
}
