import type { ArmOutcome, Comparison } from './evaluation';
import { holm } from './holm';
import { newcombeInterval, rateOf, smallestExpected, twoProportionTest } from './two-proportions';

/** The usual rule for a chi-square on four cells. */
const MIN_EXPECTED = 5;

/** Each arm against one other, p adjusted over them together. */
export function compareWith(arms: readonly ArmOutcome[], against: ArmOutcome, alpha: number): Comparison[] {
  const tests = arms.map((arm) => twoProportionTest(arm, against));
  const adjusted = holm(tests.map(({ p }) => p));
  return arms.map((arm, i) => ({
    arm: arm.key,
    against: against.key,
    difference: rateOf(arm) - rateOf(against),
    ci: newcombeInterval(arm, against, alpha),
    z: tests[i]?.z ?? 0,
    p: tests[i]?.p ?? 1,
    pAdjusted: adjusted[i] ?? 1,
    trusted: smallestExpected(arm, against) >= MIN_EXPECTED,
  }));
}
