import { DateTime } from 'luxon';
import type { Aged, Anniversary, Dated, Moment } from './rule';

/**
 * Dates of people are texts: a calendar day (`2026-05-31`) or an instant as JavaScript writes it
 * (`2026-05-31T08:00:00.000Z`). What a rule says of them becomes bounds of the same form, computed once for a moment, and
 * texts are compared by code point: the same in PostgreSQL and in memory, and cheap.
 */
export const DAY = /^\d{4}-\d{2}-\d{2}$/;
export const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
/** A day, or the day an instant is written with. */
export const STARTS_WITH_DAY = /^\d{4}-\d{2}-\d{2}(?:$|T)/;

/** `day`: the first calendar day that does not start before the bound. `instant`: the bound itself. */
export interface Bound {
  readonly day: string;
  readonly instant: string;
}

export interface DateBounds {
  readonly since: Bound | null;
  readonly before: Bound | null;
}

/**
 * The start of a moment's calendar day, always made of the day alone: where clocks change at midnight a day starts at
 * 01:00, or has two midnights.
 */
export function dayOf(at: DateTime): DateTime {
  const start = DateTime.fromObject({ year: at.year, month: at.month, day: at.day }, { zone: at.zone });
  const anHourBefore = start.minus({ hours: 1 });
  return anHourBefore.day === start.day ? anHourBefore : start;
}

export const localDay = (atMs: number, zone: string): DateTime => dayOf(DateTime.fromMillis(atMs, { zone }));

/** Of a year with four digits. Not `toFormat`, which writes the digits of the machine's language. */
const dayText = (day: DateTime): string => day.toISODate() ?? '';
/** `05-31` */
const dayOfYear = (day: DateTime): string => dayText(day).slice(5);

function boundOf(moment: Moment, asOfMs: number, zone: string): Bound {
  const at = momentOf(moment, asOfMs, zone);
  const start = dayOf(at);
  return {
    day: dayText(+start === +at ? start : start.plus({ days: 1 })),
    instant: at.toUTC().toISO() ?? '',
  };
}

function momentOf(moment: Moment, asOfMs: number, zone: string): DateTime {
  if (typeof moment === 'string') {
    const at = DateTime.fromISO(moment, { zone });
    return DAY.test(moment) ? dayOf(at) : at;
  }
  const today = localDay(asOfMs, zone);
  if ('daysAgo' in moment) return dayOf(today.minus({ days: moment.daysAgo }));
  if ('daysAhead' in moment) return dayOf(today.plus({ days: moment.daysAhead }));
  return dayOf(today.minus({ months: moment.monthsAgo }));
}

export const dateBounds = ({ since, before, zone }: Dated, asOfMs: number): DateBounds => ({
  since: since === undefined ? null : boundOf(since, asOfMs, zone),
  before: before === undefined ? null : boundOf(before, asOfMs, zone),
});

/** Born on `latest` or before, and after `after`; null: no such bound. */
export interface BirthBounds {
  readonly latest: string;
  readonly after: string | null;
}

/** Somebody of 29 February is a year older on 1 March of other years: the texts say so by themselves. */
export function birthBounds({ age, zone }: Aged, asOfMs: number): BirthBounds {
  const today = localDay(asOfMs, zone);
  const yearsAgo = (years: number): string =>
    `${String(today.year - years).padStart(4, '0')}-${dayOfYear(today)}`;
  return {
    latest: yearsAgo(age.atLeast ?? 0),
    after: age.atMost === undefined ? null : yearsAgo(age.atMost + 1),
  };
}

/** The days of the year (`05-31`) whose anniversary lies from `from` to `to` days ahead. */
export function anniversaryDays({ from, to, leapDay, zone }: Anniversary, asOfMs: number): string[] {
  const today = localDay(asOfMs, zone);
  const days = new Set<string>();
  for (let ahead = from; ahead <= to; ahead += 1) {
    const day = today.plus({ days: ahead });
    const text = dayOfYear(day);
    days.add(text);
    if (!day.isInLeapYear && text === (leapDay === 'feb-28' ? '02-28' : '03-01')) days.add('02-29');
  }
  return [...days];
}

/** What was last made of a leaf, and for which moments it stands: bounds only change with the local day. */
interface Kept<T> {
  readonly from: number;
  readonly to: number;
  readonly bounds: T;
}

/** `make`, once a leaf and local day: people are judged by the thousand. */
export function onceADay<L extends { readonly zone: string }, T>(
  make: (leaf: L, asOfMs: number) => T,
): (leaf: L, asOfMs: number) => T {
  const kept = new WeakMap<L, Kept<T>>();
  return (leaf, asOfMs) => {
    const known = kept.get(leaf);
    if (known !== undefined && known.from <= asOfMs && asOfMs < known.to) return known.bounds;
    const today = localDay(asOfMs, leaf.zone);
    const bounds = make(leaf, asOfMs);
    kept.set(leaf, { from: +today, to: +dayOf(today.plus({ days: 1 })), bounds });
    return bounds;
  };
}
