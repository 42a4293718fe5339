import type { ScheduleSpec } from '@temporalio/client';

const MONTHS = [
  'JANUARY',
  'FEBRUARY',
  'MARCH',
  'APRIL',
  'MAY',
  'JUNE',
  'JULY',
  'AUGUST',
  'SEPTEMBER',
  'OCTOBER',
  'NOVEMBER',
  'DECEMBER',
] as const;

/** When a schedule fires, as Temporal takes it: one instant to the second in UTC, or a cron line in a time zone. */
export function temporalSpec(when: { kind: 'at' | 'cron'; spec: string; timezone: string }): ScheduleSpec {
  if (when.kind === 'cron') return { cronExpressions: [when.spec], timezone: when.timezone };
  const at = new Date(when.spec);
  return {
    calendars: [
      {
        year: at.getUTCFullYear(),
        month: MONTHS[at.getUTCMonth()] ?? 'JANUARY',
        dayOfMonth: at.getUTCDate(),
        hour: at.getUTCHours(),
        minute: at.getUTCMinutes(),
        second: at.getUTCSeconds(),
      },
    ],
    timezone: 'UTC',
  };
}
