import { DateTime } from 'luxon';
import type { CapRule } from './cap';

export type CalendarUnit = NonNullable<CapRule['calendar']>;

/**
 * The day, week (from Monday) or month of `now` in a zone, [since, until). A day on which the clocks change has 23 or
 * 25 hours and is one day all the same.
 */
export function calendarWindow(unit: CalendarUnit, zone: string, now: Date): { since: Date; until: Date } {
  const since = DateTime.fromJSDate(now, { zone }).startOf(unit);
  return {
    since: since.toJSDate(),
    until: since
      .plus({ [`${unit}s`]: 1 })
      .startOf(unit)
      .toJSDate(),
  };
}
