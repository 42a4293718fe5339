import { isShare, type ArmOutcome } from './evaluation';
import { momentsOf } from './means';

/**
 * Counts every amount above a quantile of all arms together as that quantile: the same bound for each arm. Arms of which only
 * sums are known, and shares, are as they were.
 */
export function winsorised(arms: readonly ArmOutcome[], at: number | undefined): readonly ArmOutcome[] {
  if (at === undefined) return arms;
  const all = arms.flatMap((arm) => (isShare(arm) ? [] : (arm.values ?? [])));
  if (all.length === 0) return arms;
  const sorted = Float64Array.from(all).sort();
  const most =
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(at * sorted.length) - 1))] ?? Infinity;
  return arms.map((arm) => {
    if (isShare(arm) || arm.values === undefined) return arm;
    const values = arm.values.map((value) => Math.min(value, most));
    return { ...arm, ...momentsOf(values), values };
  });
}
