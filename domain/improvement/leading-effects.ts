import type { Evaluation } from '../experiments/evaluation';
import type { EvaluationInputs } from '../experiments/outcomes';
import { personaEffects, type PersonaEffects } from '../experiments/persona-effects';

/** Effects by persona of the arm that leads: the winner, else the one that came nearest; null where there is none. */
export function leadingEffects(inputs: EvaluationInputs, result: Evaluation): PersonaEffects | null {
  const sign = inputs.direction === 'increase' ? 1 : -1;
  const [nearest] = [...result.comparisons].sort((a, b) => sign * (b.difference - a.difference));
  const arm = result.decision.arm ?? nearest?.arm;
  return arm === undefined ? null : personaEffects(inputs.cells, arm, result.reference.arm, inputs.alpha);
}
