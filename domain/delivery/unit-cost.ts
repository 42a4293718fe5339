import { z } from 'zod';
import { CHANNELS, LETTER_KINDS, type Channel, type LetterKind } from '../shared/words';
import { letterKindOn } from './letter-kind';

/** What one unit of a channel costs, in millionths of a euro: a message, an SMS segment, a letter of so many sheets. */
export const unitCostSchema = z.strictObject({
  channel: z.enum(CHANNELS),
  letterKind: z.enum(LETTER_KINDS).optional(),
  /** Of a letter: the price up to this weight; the lightest step that fits is taken. */
  upToGrams: z.number().positive().optional(),
  microsPerUnit: z.number().int().min(0).max(1_000_000_000),
});

export type UnitCost = z.infer<typeof unitCostSchema>;

/**
 * What a message costs, in millionths of a euro. Units: letters in grams, SMS in segments, the rest in messages. A letter
 * heavier than every step costs the heaviest; a channel nobody priced costs nothing.
 */
export function costMicros(
  costs: readonly UnitCost[],
  channel: Channel,
  letterKind: LetterKind | null,
  units: number,
): number {
  const kind = channel === 'letter' || channel === 'e-letter' ? letterKindOn(channel, letterKind) : undefined;
  const steps = costs
    .filter((cost) => cost.channel === channel && (cost.letterKind ?? kind) === kind)
    .sort((a, b) => (a.upToGrams ?? Infinity) - (b.upToGrams ?? Infinity));
  const step =
    channel === 'letter'
      ? (steps.find(({ upToGrams }) => units <= (upToGrams ?? Infinity)) ?? steps.at(-1))
      : steps[0];
  return (step?.microsPerUnit ?? 0) * (channel === 'sms' ? units : 1);
}
