import { own } from '../shared/own';
import { DateTime } from 'luxon';
import { DAY, dayOf, INSTANT, localDay, STARTS_WITH_DAY } from './day-bounds';
import { interestFadesTo } from './interest';
import { countable, windowMs } from './predicate';
import type {
  Aged,
  Anniversary,
  Dated,
  EventCount,
  EventUsual,
  Moment,
  ResolvedLeaf,
  ResolvedRule,
} from './rule';
import { valueOf, type RuleSubject } from './subject';

/** What PostgreSQL and JavaScript write alike ends here; `9999-12-31` often stands for never. */
const NEVER_MS = Date.UTC(9999, 0, 1);

/**
 * The earliest instant after `asOfMs` (epoch milliseconds) at which a rule may change its answer for somebody to whom
 * nothing happens; null: never. It may come too early, never too late: until then the answer stands.
 */
export function nextDue(rule: ResolvedRule, subject: RuleSubject, asOfMs: number): number | null {
  let earliest = Infinity;
  const visit = (r: ResolvedRule): void => {
    if ('all' in r) r.all.forEach(visit);
    else if ('any' in r) r.any.forEach(visit);
    else if ('not' in r) visit(r.not);
    else for (const at of turns(r, subject, asOfMs)) if (at > asOfMs && at < earliest) earliest = at;
  };
  visit(rule);
  return earliest >= NEVER_MS ? null : earliest;
}

/** Instants at which a leaf may turn. Those that have passed are the caller's to leave out. */
function turns(leaf: ResolvedLeaf, subject: RuleSubject, asOfMs: number): readonly number[] {
  if ('event' in leaf) return [eventTurn(leaf, subject, asOfMs)];
  if ('date' in leaf) return datedTurns(leaf, subject);
  if ('age' in leaf) return ageTurns(leaf, subject);
  if ('anniversary' in leaf) return anniversaryTurns(leaf, subject, asOfMs);
  if ('consent' in leaf)
    return subject.consents.flatMap((c) =>
      c.purpose === leaf.consent && c.channel === leaf.channel && c.expiresAt !== null
        ? [Date.parse(c.expiresAt)]
        : [],
    );
  if ('interest' in leaf) {
    const fades = interestFadesTo(own(subject.interests, leaf.interest) ?? 0, leaf.value);
    // A logarithm is rounded: judged a moment too early and again a moment after.
    return fades === null
      ? []
      : [Math.floor(fades) - 1, Math.floor(fades), Math.ceil(fades) + 1, Math.ceil(fades) + 1_000];
  }
  return [];
}

/**
 * The next time an event comes into a window (its own) or leaves it (when the window has passed over it). Asked for every
 * rule at every event, so it makes nothing.
 */
function eventTurn(leaf: EventCount | EventUsual, subject: RuleSubject, asOfMs: number): number {
  const within = leaf.withinDays === undefined ? 0 : windowMs(leaf.withinDays);
  const usual = 'usualDays' in leaf ? windowMs(leaf.withinDays + leaf.usualDays) : 0;
  let earliest = Infinity;
  for (const { atMs } of countable(leaf, subject.events)) {
    if (atMs > asOfMs && atMs < earliest) earliest = atMs;
    if (atMs + within > asOfMs && atMs + within < earliest) earliest = atMs + within;
    if (atMs + usual > asOfMs && atMs + usual < earliest) earliest = atMs + usual;
  }
  return earliest;
}

/** When the person's day falls behind a bound that moves with today. */
function datedTurns(leaf: Dated, subject: RuleSubject): readonly number[] {
  const value = valueOf(subject, leaf.date);
  if (typeof value !== 'string' || !(DAY.test(value) || INSTANT.test(value))) return [];
  return remembered(leaf, value, () => {
    const days = daysAfter(value, leaf.zone);
    return [leaf.since, leaf.before].flatMap((moment) =>
      moment === undefined ? [] : days.flatMap((day) => boundTurns(moment, day)),
    );
  });
}

/** Turns of a clause by what they hang on: a calendar's arithmetic takes a millisecond, and many people share their days. */
const known = new WeakMap<ResolvedLeaf, Map<string, readonly number[]>>();
const MOST_KNOWN = 50_000;

function remembered(leaf: ResolvedLeaf, key: string, make: () => readonly number[]): readonly number[] {
  const ofLeaf = known.get(leaf) ?? new Map<string, readonly number[]>();
  known.set(leaf, ofLeaf);
  const before = ofLeaf.get(key);
  if (before !== undefined) return before;
  if (ofLeaf.size >= MOST_KNOWN) ofLeaf.clear();
  const turned = make();
  ofLeaf.set(key, turned);
  return turned;
}

/** The first day after a date; round it for what no calendar has (31 February, 99 o'clock). */
function daysAfter(value: string, zone: string): DateTime[] {
  const at = DateTime.fromISO(value, { zone });
  if (at.isValid) return [at.plus({ days: 1 })];
  const next = firstDayFrom(partsOf(value), zone);
  return [-1, 0, 1, 2].map((days) => next.plus({ days }));
}

function boundTurns(moment: Moment, after: DateTime): number[] {
  if (typeof moment === 'string') return [];
  if ('daysAgo' in moment) return [+dayOf(after.plus({ days: moment.daysAgo }))];
  if ('daysAhead' in moment) return [+dayOf(after.minus({ days: moment.daysAhead }))];
  // Months have different lengths: several last days of one may fall on the same day of another.
  const about = after.plus({ months: moment.monthsAgo });
  return Array.from({ length: 8 }, (_, i) => +dayOf(about.plus({ days: i - 4 })));
}

/** Birthdays; also the day of birth, for a date that lies ahead. */
function ageTurns(leaf: Aged, subject: RuleSubject): readonly number[] {
  const { age, of, zone } = leaf;
  const value = valueOf(subject, of);
  if (typeof value !== 'string' || !STARTS_WITH_DAY.test(value)) return [];
  return remembered(leaf, value.slice(0, 10), () => {
    const born = partsOf(value);
    const years = [age.atLeast ?? 0, ...(age.atMost === undefined ? [] : [age.atMost + 1])];
    return years.map((n) => +dayOf(firstDayFrom({ ...born, year: born.year + n }, zone)));
  });
}

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const partsOf = (value: string): Parts => ({
  year: Number(value.slice(0, 4)),
  month: Number(value.slice(5, 7)),
  day: Number(value.slice(8, 10)),
});

/** The first day of the calendar that is not before a text: itself, or what follows 29 February, 31 April, month 13. */
function firstDayFrom({ year, month, day }: Parts, zone: string): DateTime {
  const january = DateTime.fromObject({ year, month: 1, day: 1 }, { zone });
  if (month < 1) return january;
  const start = january.plus({ months: Math.min(month - 1, 12) });
  if (month > 12 || day < 1) return start;
  return day > (start.daysInMonth ?? 31) ? start.plus({ months: 1 }) : start.plus({ days: day - 1 });
}

/** Held from `to` days before the day that is celebrated to `from` days before it. */
function anniversaryTurns(leaf: Anniversary, subject: RuleSubject, asOfMs: number): readonly number[] {
  const { anniversary, from, to, leapDay, zone } = leaf;
  const value = valueOf(subject, anniversary);
  if (typeof value !== 'string' || !STARTS_WITH_DAY.test(value)) return [];
  const { month, day } = partsOf(value);
  if (month < 1 || month > 12 || day < 1 || day > 31) return [];
  const { year } = localDay(asOfMs, zone);
  return remembered(leaf, `${month}-${day}-${year}`, () =>
    [year - 1, year, year + 1, year + 2].flatMap((y) => {
      const start = DateTime.fromObject({ year: y, month, day: 1 }, { zone });
      if (day > (start.daysInMonth ?? 31) && !(month === 2 && day === 29)) return [];
      const celebrated =
        day > (start.daysInMonth ?? 31)
          ? leapDay === 'feb-28'
            ? start.plus({ days: 27 })
            : start.plus({ months: 1 })
          : start.plus({ days: day - 1 });
      return [+dayOf(celebrated.minus({ days: to })), +dayOf(celebrated.minus({ days: from - 1 }))];
    }),
  );
}
