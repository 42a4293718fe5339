import { DateTime } from 'luxon';
import { isPublicHoliday, type HolidayCalendar } from './holidays';
import type { QuietHours } from './quiet-hours';
import { WEEKDAYS, type Weekday } from './weekday';

/** Départements whose people have the local holidays under a rule that names France's. */
const LOCAL_LAW = ['57', '67', '68'];
/** A channel that is not open for so long is closed: a deadline is never further away. */
const HORIZON_DAYS = 400;
/** No claimed message waits for so long. */
const CLOSING_DAYS = 2;
const HOUR_MS = 3_600_000;

/** What decides when somebody may get a message. */
export interface OpeningTerms {
  /** Of the person's market and the channel; all of them must be open. */
  readonly rules: readonly QuietHours[];
  /** IANA. */
  readonly zone: string;
  readonly area: string | null;
  /** Local hour the message should arrive in; null: any. */
  readonly sendHour: number | null;
  /** Local day of the week it should arrive on; left out: any. */
  readonly sendDay?: Weekday | null;
}

/**
 * null: now. Else the next instant the rules are open and the hour has come; `infinity` where that is never. A local
 * time that a change of clocks skips stands for the one after the gap, and one that comes twice for the first.
 */
export function opensAt(terms: OpeningTerms, now: Date): Date | 'infinity' | null {
  const { rules, zone, sendHour, sendDay = null } = terms;
  if (rules.length === 0 && sendHour === null && sendDay === null) return null;
  const from = DateTime.fromJSDate(now, { zone });
  const next = sendHour === null ? nextOpen(terms, from) : nextHour(terms, from, sendHour);
  if (next === null) return 'infinity';
  return next.toMillis() <= now.getTime() ? null : next.toJSDate();
}

/**
 * The instant from which somebody may no longer be written to, as the rules alone have it; null: not within days. Their
 * hour closes nothing: who was looked at in it is not put off by a day for being some minutes late.
 */
export function closesAt(terms: Omit<OpeningTerms, 'sendHour' | 'sendDay'>, now: Date): Date | null {
  if (terms.rules.length === 0) return null;
  const from: DateTime = DateTime.fromJSDate(now, { zone: terms.zone });
  let end: DateTime = from;
  for (let n = 0; n <= CLOSING_DAYS; n += 1) {
    for (const span of openSpans(terms, dayOf(from, n))) {
      if (span.to <= end) continue;
      if (span.from > end) return end.toJSDate();
      end = span.to;
    }
  }
  return end < dayOf(from, CLOSING_DAYS + 1) ? end.toJSDate() : null;
}

/** The earliest open instant at or after `from`; null: none before the horizon. */
function nextOpen(terms: OpeningTerms, from: DateTime): DateTime | null {
  for (let n = 0; n <= HORIZON_DAYS; n += 1) {
    const day = dayOf(from, n);
    for (const span of openSpans(terms, day)) {
      if (span.to > from) return span.from > from ? span.from : from;
    }
  }
  return null;
}

/**
 * Each day has one time: its hour where the channel is open then, else the next opening. Somebody whom that time has
 * reached less than an hour ago gets the message now.
 */
function nextHour(terms: OpeningTerms, from: DateTime, hour: number): DateTime | null {
  for (let n = -1; n <= HORIZON_DAYS; n += 1) {
    const target = at(dayOf(from, n), hour, 0);
    const open = nextOpen(terms, target);
    if (open === null) return null;
    const moved = !open.hasSame(target, 'day');
    // Moved into a day whose own hour is open: that day's time is the better one.
    if (moved && isOpen(terms, at(dayOf(open, 0), hour, 0))) continue;
    if (open > from) return open;
    if (open.toMillis() + HOUR_MS > from.toMillis() && isOpen(terms, from)) return from;
  }
  return null;
}

const isOpen = (terms: OpeningTerms, instant: DateTime): boolean =>
  nextOpen(terms, instant)?.toMillis() === instant.toMillis();

interface Span {
  readonly from: DateTime;
  readonly to: DateTime;
}

/** Spans of a local day in which every rule is open, in order, [from, to); none on any other day than the one asked for. */
function openSpans(
  { rules, area, sendDay = null }: Pick<OpeningTerms, 'rules' | 'area' | 'sendDay'>,
  day: DateTime,
): Span[] {
  if (sendDay !== null && WEEKDAYS[day.weekday - 1] !== sendDay) return [];
  const whole: Span = { from: day, to: dayOf(day, 1) };
  return rules.reduce<Span[]>((open, rule) => intersection(open, spansOf(rule, area, day)), [whole]);
}

function spansOf(rule: QuietHours, area: string | null, day: DateTime): Span[] {
  const holidays = holidaysOf(rule, area);
  if (holidays !== null && isPublicHoliday(holidays, day.toFormat('yyyy-MM-dd'))) return [];
  const weekday = WEEKDAYS[day.weekday - 1];
  const spans = weekday === undefined ? [] : (rule.open[weekday] ?? []);
  return spans
    .map(({ from, to }) => ({ from: clockOf(day, from), to: clockOf(day, to) }))
    .filter((span) => span.from < span.to)
    .sort((a, b) => a.from.toMillis() - b.from.toMillis());
}

const holidaysOf = ({ holidays }: QuietHours, area: string | null): HolidayCalendar | null =>
  holidays === 'FR' && area !== null && LOCAL_LAW.includes(area) ? 'FR-57-67-68' : (holidays ?? null);

function clockOf(day: DateTime, clock: string): DateTime {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour === 24 ? dayOf(day, 1) : at(day, hour, minute);
}

/** The start of a local day; where midnight itself is skipped, the first instant after it. */
const dayOf = (from: DateTime, days: number): DateTime => from.startOf('day').plus({ days }).startOf('day');

const at = (day: DateTime, hour: number, minute: number): DateTime =>
  day.set({ hour, minute, second: 0, millisecond: 0 });

function intersection(left: readonly Span[], right: readonly Span[]): Span[] {
  const both = left.flatMap((a) =>
    right.map((b) => ({ from: a.from > b.from ? a.from : b.from, to: a.to < b.to ? a.to : b.to })),
  );
  return both.filter((span) => span.from < span.to).sort((a, b) => a.from.toMillis() - b.from.toMillis());
}
