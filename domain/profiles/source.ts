import { z } from 'zod';
import { LEGAL_BASES } from '../consent/consent';
import { storableText } from '../shared/text';

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** How often something comes, in words; a month at its longest. */
const RHYTHM_SECONDS = { hourly: HOUR, daily: DAY, weekly: 7 * DAY, monthly: 31 * DAY } as const;

const rhythm = z
  .union([
    z.enum(['hourly', 'daily', 'weekly', 'monthly']),
    z
      .int()
      .min(60)
      .max(366 * DAY),
  ])
  .describe('A word, or seconds.');

/** After which values of a source are no longer believed to be of today, unless it says so. */
export const STALE_DAYS = 365;

/** Where data of people comes from, as its owner describes it. */
export const sourceSchema = z.strictObject({
  owner: storableText(120).min(1).describe('Whom to ask.'),
  format: z.enum(['csv', 'ndjson', 'api']),
  every: rhythm.optional().describe('Left out: it comes when it comes, and is never late.'),
  graceSeconds: z
    .int()
    .min(0)
    .max(366 * DAY)
    .optional()
    .describe('How late it may be before it is an incident; a tenth of its rhythm unless said.'),
  legalBasis: z.enum(LEGAL_BASES),
  about: storableText(500).optional(),
  staleDays: z.int().min(1).max(3_650).default(STALE_DAYS),
});
export type Source = z.infer<typeof sourceSchema>;

/** When the next of a source is expected, and until when it is in time. null: whenever. */
export function expectedAfter(
  { every, graceSeconds }: Pick<Source, 'every' | 'graceSeconds'>,
  last: Date,
): { readonly expectedAt: Date; readonly lateAt: Date } | null {
  if (every === undefined) return null;
  const seconds = typeof every === 'number' ? every : RHYTHM_SECONDS[every];
  const expectedMs = last.getTime() + seconds * 1_000;
  const grace = graceSeconds ?? Math.ceil(seconds / 10);
  return { expectedAt: new Date(expectedMs), lateAt: new Date(expectedMs + grace * 1_000) };
}
