import { z } from 'zod';
import { storableText } from '../shared/text';

/** Weights are sums of points × 2^((at − EPOCH) / half-life): the same whatever order the events came in. */
export const INTEREST_EPOCH_MS = Date.UTC(2020, 0, 1);
/** The same in the database (interest_weight): what was added up under one cannot be read under another. */
const HALF_LIFE_MS = 30 * 86_400_000;

/** What one point at an instant (epoch milliseconds) weighs. */
export const interestWeight = (atMs: number): number => 2 ** ((atMs - INTEREST_EPOCH_MS) / HALF_LIFE_MS);

/** What is left of a weight at an instant, in points. */
export const interestLeft = (weight: number, atMs: number): number => weight / interestWeight(atMs);

/** When a weight will have faded to `points`, in epoch milliseconds; null where it never does. */
export function interestFadesTo(weight: number, points: number): number | null {
  if (weight <= 0 || points <= 0) return null;
  return INTEREST_EPOCH_MS + HALF_LIFE_MS * (Math.log2(weight) - Math.log2(points));
}

/** An event that raises the interest in the category a property of it names. */
export const interestPolicySchema = z.strictObject({
  event: storableText(60).min(1),
  property: storableText(60).min(1),
  points: z.number().positive().max(1_000),
});
export type InterestPolicy = z.infer<typeof interestPolicySchema>;
