import { z } from 'zod';
import { CHANNELS, LETTER_KINDS } from '../shared/words';

/** What one unit of a channel costs, in millionths of a euro: a message, an SMS segment, a letter of so many sheets. */
export const unitCostSchema = z.strictObject({
  channel: z.enum(CHANNELS),
  letterKind: z.enum(LETTER_KINDS).optional(),
  /** Of a letter: the price up to this weight; the lightest step that fits is taken. */
  upToGrams: z.number().positive().optional(),
  microsPerUnit: z.number().int().min(0).max(1_000_000_000),
});

export type UnitCost = z.infer<typeof unitCostSchema>;
