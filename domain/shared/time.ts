import { z } from 'zod';

/**
 * An instant with its offset, in the years people's data can lie in: PostgreSQL has no year 0 and no offset of 16 hours, and
 * would refuse everything that came with one.
 */
export const plausibleInstant = z.iso
  .datetime({ offset: true })
  .refine((at) => at >= '1900' && at < '2200', 'between 1900 and 2199')
  .refine((at) => !/[+-](?:1[6-9]|2\d):\d\d$/.test(at), 'no place is 16 hours from UTC');

/** The same day and time so many calendar months earlier, UTC; the 31st becomes the month's last day. */
export function monthsBefore(isoInstant: string, months: number): string {
  const from = new Date(isoInstant);
  const first = new Date(from);
  first.setUTCDate(1);
  first.setUTCMonth(first.getUTCMonth() - months);
  const lastDay = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(from.getUTCDate(), lastDay));
  return first.toISOString();
}
