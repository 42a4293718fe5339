import { cupedOf } from './cuped';
import { evaluateExperiment } from './evaluate';
import { isShare, type Action, type Evaluation, type ExperimentInput } from './evaluation';

/** What would have been decided, had one thing been otherwise. */
export interface Variant {
  readonly what: string;
  readonly action: Action;
  readonly arm: string | null;
  /** The verdict is another one. */
  readonly turned: boolean;
}

/** A stricter and a laxer reading, half and twice the people asked for, amounts cut or not, the covariate in or out, an arm less. */
export function sensitivityOf(input: ExperimentInput, verdict: Evaluation['decision']): Variant[] {
  const control = input.arms.find((arm) => arm.control === true);
  const others = input.arms.filter((arm) => arm !== control);
  const valued = input.arms.some((arm) => !isShare(arm) && arm.values !== undefined);
  const readings: Reading[] = [
    ...[0.01, 0.1]
      .filter((alpha) => alpha !== input.alpha)
      .map((alpha) => ({ what: `alpha ${alpha}`, input: { ...input, alpha } })),
    ...[0.5, 2].map((times) => ({
      what: `at least ${Math.ceil(input.minPerArm * times)} people in each arm`,
      input: { ...input, minPerArm: Math.ceil(input.minPerArm * times) },
    })),
    ...(valued ? [cut(input)] : []),
    ...(cupedOf(input.arms) === null
      ? []
      : [
          {
            what: input.cuped === true ? 'without the covariate' : 'with the covariate taken out',
            input: { ...input, cuped: input.cuped !== true },
          },
        ]),
    ...(others.length > 1
      ? others.map((arm) => ({
          what: `without ${arm.label ?? arm.key}`,
          input: { ...input, arms: input.arms.filter((one) => one !== arm) },
        }))
      : []),
  ];
  return variantsOf(readings, verdict);
}

/** Another way to read a test. */
export interface Reading {
  readonly what: string;
  readonly input: ExperimentInput;
}

/** What each would have decided. */
export const variantsOf = (readings: readonly Reading[], verdict: Evaluation['decision']): Variant[] =>
  readings.map(({ what, input }) => {
    // Posteriors decide nothing, and each takes a good part of a second where a million people are in an arm.
    const { action, arm } = evaluateExperiment({ ...input, bayes: false }).decision;
    return { what, action, arm, turned: action !== verdict.action || arm !== verdict.arm };
  });

const MOST = 0.99;

const cut = (input: ExperimentInput) =>
  input.winsoriseAt === undefined
    ? { what: `amounts cut at their ${MOST} quantile`, input: { ...input, winsoriseAt: MOST } }
    : { what: 'amounts not cut', input: { ...input, winsoriseAt: 1 } };
