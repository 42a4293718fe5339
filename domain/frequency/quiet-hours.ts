import { z } from 'zod';
import { CHANNELS } from '../shared/words';
import { WEEKDAYS } from './weekday';

/** Local time of day, `20:30`; `24:00` is the end of the day. */
const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'HH:MM');

/** When a channel may be used in a market, in the person's own zone. Days that are left out are quiet all day. */
export const quietHoursSchema = z.strictObject({
  market: z.string().min(2).max(20),
  channel: z.enum(CHANNELS),
  /** Spans a message may arrive in, [from, to). */
  open: z.partialRecord(z.enum(WEEKDAYS), z.array(z.strictObject({ from: clock, to: clock })).max(4)),
  /** Whose public holidays are quiet too; left out: none. */
  holidays: z.enum(['FR', 'FR-57-67-68']).optional(),
});

export type QuietHours = z.infer<typeof quietHoursSchema>;
