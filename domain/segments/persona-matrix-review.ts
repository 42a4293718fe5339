import { DateTime } from 'luxon';

const ZONE = 'Europe/Paris';
const HOUR = 9;
/** Who touched it since then needs no reminder. */
export const REVIEWED_WITHIN_DAYS = 7;

/** The latest Monday, 9 o'clock in Paris, that is not after `now`: when the weekly review of the matrix was last due. */
export function lastReviewAt(now: Date): Date {
  const at = DateTime.fromJSDate(now, { zone: ZONE });
  const monday = at.startOf('week').set({ hour: HOUR });
  return (monday > at ? monday.minus({ weeks: 1 }) : monday).toJSDate();
}
