import { DateTime } from 'luxon';
import { z } from 'zod';
import { zoneOf } from '../frequency/zone';

/** How long the same people are held out; `none`: always the same. */
export const HOLDOUT_PERIODS = ['month', 'quarter', 'year', 'none'] as const;

/** A population that no campaign touches, to see over time what campaigns come to altogether. */
export const holdoutSchema = z.strictObject({
  share: z.number().gt(0).max(0.5),
  market: z.string().min(2).max(20).optional().describe('Whose people; left out: everybody.'),
  start: z.iso.date().describe('From this day on, in the market’s time zone.'),
  period: z.enum(HOLDOUT_PERIODS).describe('Others are drawn at the beginning of each.'),
  salt: z
    .string()
    .min(1)
    .max(60)
    .optional()
    .describe('Another one draws other people, of the same period too.'),
});
export type HoldoutPolicy = z.infer<typeof holdoutSchema>;

/** A holdout as it is drawn at one moment: whose hash under `salt` lies below `share`. */
export const drawnHoldoutSchema = z.strictObject({
  key: z.string(),
  salt: z.string(),
  share: z.number(),
  market: z.string().nullable(),
});
export type DrawnHoldout = z.infer<typeof drawnHoldoutSchema>;

/** Those that have begun by `now`, each with the draw of its period. */
export function drawnHoldouts(policies: Readonly<Record<string, HoldoutPolicy>>, now: Date): DrawnHoldout[] {
  return Object.entries(policies).flatMap(([key, { share, market, start, period, salt }]) => {
    const zone = zoneOf({ timezone: null, area: null, market: market ?? 'FR' });
    const at = DateTime.fromJSDate(now, { zone });
    if (DateTime.fromISO(start, { zone }) > at) return [];
    const drawn = ['holdout', key, ...(salt === undefined ? [] : [salt]), periodOf(at, period)];
    return [{ key, salt: drawn.join('.'), share, market: market ?? null }];
  });
}

function periodOf(at: DateTime, period: HoldoutPolicy['period']): string {
  switch (period) {
    case 'month':
      return at.toFormat('yyyy-MM');
    case 'quarter':
      return at.toFormat("yyyy-'Q'q");
    case 'year':
      return at.toFormat('yyyy');
    case 'none':
      return 'always';
  }
}
