import { z } from 'zod';
import { CHANNELS, LETTER_KINDS, type Channel, type LetterKind } from '../shared/words';
import { letterKindOn } from './letter-kind';

/** What one unit of a channel costs, in millionths of a euro: a message, an SMS segment, a letter of so many sheets. */
export const unitCostSchema = z
  .strictObject({
    channel: z.enum(CHANNELS),
    letterKind: z.enum(LETTER_KINDS).optional(),
    /** Of a letter on paper: the price up to this weight, the lightest step that fits; left out, of any weight. */
    upToGrams: z.number().positive().optional(),
    microsPerUnit: z.number().int().min(0).max(1_000_000_000),
  })
  .refine(({ channel, upToGrams }) => upToGrams === undefined || channel === 'letter', {
    path: ['upToGrams'],
    message: 'only a letter on paper is priced by its weight',
  })
  .refine(
    ({ channel, letterKind }) =>
      letterKind === undefined ||
      ((channel === 'letter' || channel === 'e-letter') && letterKindOn(channel, letterKind) === letterKind),
    { path: ['letterKind'], message: 'this kind is not sent on this channel' },
  );

export type UnitCost = z.infer<typeof unitCostSchema>;

/**
 * What a message costs, in millionths of a euro. Units: letters in grams, SMS in segments, the rest in messages. null: a
 * letter heavier than every step, which nobody has priced. A channel, or a kind of letter, without any price costs nothing.
 */
export function costMicros(
  costs: readonly UnitCost[],
  channel: Channel,
  letterKind: LetterKind | null,
  units: number,
): number | null {
  const kind = channel === 'letter' || channel === 'e-letter' ? letterKindOn(channel, letterKind) : undefined;
  const steps = costs
    .filter((cost) => cost.channel === channel && (cost.letterKind ?? kind) === kind)
    .sort((a, b) => (a.upToGrams ?? Infinity) - (b.upToGrams ?? Infinity));
  if (steps.length === 0) return 0;
  const step = steps.find(({ upToGrams }) => channel !== 'letter' || units <= (upToGrams ?? Infinity));
  return step === undefined ? null : step.microsPerUnit * (channel === 'sms' ? units : 1);
}
