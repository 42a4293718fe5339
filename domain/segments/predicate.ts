import { own } from '../shared/own';
import { compareText } from '../shared/text';
import {
  anniversaryDays,
  birthBounds,
  DAY,
  dateBounds,
  INSTANT,
  onceADay,
  STARTS_WITH_DAY,
  type Bound,
} from './day-bounds';
import { interestWeight } from './interest';
import type {
  Aged,
  Anniversary,
  Comparison,
  ConsentTest,
  Dated,
  EventCount,
  EventUsual,
  Existence,
  InterestTest,
  Membership,
  PropertyTest,
  ResolvedLeaf,
  ResolvedRule,
  Textual,
} from './rule';
import { valueOf, type AttributeValue, type RuleSubject, type SubjectEvent } from './subject';

export type { AttributeValue, RuleSubject } from './subject';

const DAY_MS = 86_400_000;
/** A window in milliseconds, whole ones: its edge is then the same number wherever it is computed. */
export const windowMs = (days: number): number => Math.round(days * DAY_MS);

type Op = Comparison['op'];

/**
 * Whether somebody is in a segment at an instant (epoch milliseconds). Agrees with store/segment-sql.ts on every rule
 * and profile: a generated test holds them together.
 */
export function matches(rule: ResolvedRule, subject: RuleSubject, asOfMs: number): boolean {
  if ('all' in rule) return rule.all.every((r) => matches(r, subject, asOfMs));
  if ('any' in rule) return rule.any.some((r) => matches(r, subject, asOfMs));
  if ('not' in rule) return !matches(rule.not, subject, asOfMs);
  return holds(rule, subject, asOfMs);
}

export function holds(leaf: ResolvedLeaf, subject: RuleSubject, asOfMs: number): boolean {
  if ('event' in leaf)
    return 'usualDays' in leaf ? unusual(leaf, subject, asOfMs) : eventCount(leaf, subject, asOfMs);
  if ('attribute' in leaf) return attribute(leaf, valueOf(subject, leaf.attribute));
  if ('date' in leaf) return dated(leaf, valueOf(subject, leaf.date), asOfMs);
  if ('age' in leaf) return aged(leaf, valueOf(subject, leaf.of), asOfMs);
  if ('anniversary' in leaf) return celebrates(leaf, valueOf(subject, leaf.anniversary), asOfMs);
  if ('consent' in leaf) return consents(leaf, subject, asOfMs) === leaf.granted;
  if ('interest' in leaf) return interested(leaf, subject, asOfMs);
  if ('reachable' in leaf) return subject.reachable.includes(leaf.reachable);
  return leaf.everyone;
}

export function attribute(
  test: Comparison | Textual | Membership | Existence | PropertyTest,
  value: AttributeValue,
): boolean {
  if ('exists' in test) return (value !== null) === test.exists;
  if (value === null) return false;
  if ('in' in test) return test.in.some((candidate) => candidate === value);
  if (test.op === 'starts-with') return typeof value === 'string' && value.startsWith(test.value);
  if (test.op === 'contains') return typeof value === 'string' && value.includes(test.value);
  if (test.op === 'eq') return value === test.value;
  if (test.op === 'ne') return value !== test.value;
  if (typeof value === 'number' && typeof test.value === 'number')
    return compares(value, test.op, test.value);
  if (typeof value === 'string' && typeof test.value === 'string')
    return compares(compareText(value, test.value), test.op, 0);
  return false;
}

export function compares(left: number, op: Op, right: number): boolean {
  switch (op) {
    case 'eq':
      return left === right;
    case 'ne':
      return left !== right;
    case 'lt':
      return left < right;
    case 'lte':
      return left <= right;
    case 'gt':
      return left > right;
    case 'gte':
      return left >= right;
  }
}

const boundsOf = onceADay(dateBounds);
const birthBoundsOf = onceADay(birthBounds);
const daysOf = onceADay((leaf: Anniversary, asOfMs) => new Set(anniversaryDays(leaf, asOfMs)));

function dated(leaf: Dated, value: AttributeValue, asOfMs: number): boolean {
  if (typeof value !== 'string') return false;
  const kind = DAY.test(value) ? 'day' : INSTANT.test(value) ? 'instant' : null;
  if (kind === null) return false;
  const { since, before } = boundsOf(leaf, asOfMs);
  const atLeast = (bound: Bound): boolean => value >= bound[kind];
  return (since === null || atLeast(since)) && (before === null || !atLeast(before));
}

function aged(leaf: Aged, value: AttributeValue, asOfMs: number): boolean {
  if (typeof value !== 'string' || !STARTS_WITH_DAY.test(value)) return false;
  const born = value.slice(0, 10);
  const { latest, after } = birthBoundsOf(leaf, asOfMs);
  return born <= latest && (after === null || born > after);
}

const celebrates = (leaf: Anniversary, value: AttributeValue, asOfMs: number): boolean =>
  typeof value === 'string' && STARTS_WITH_DAY.test(value) && daysOf(leaf, asOfMs).has(value.slice(5, 10));

/** Of the type, with properties that pass. */
export function countable(
  { event, where }: Pick<EventCount, 'event' | 'where'>,
  events: readonly SubjectEvent[],
): readonly SubjectEvent[] {
  const ofType = events.filter((e) => e.type === event);
  return where === undefined
    ? ofType
    : ofType.filter((e) => where.every((test) => attribute(test, own(e.properties, test.property) ?? null)));
}

/** Over what happened in (sinceMs, untilMs]. */
function measure(
  { measure: what }: Pick<EventCount, 'measure'>,
  events: readonly SubjectEvent[],
  sinceMs: number,
  untilMs: number,
): number {
  let sum = 0;
  for (const { atMs, valueCents } of events) {
    if (atMs > sinceMs && atMs <= untilMs) sum += what === 'count' ? 1 : (valueCents ?? 0);
  }
  return sum;
}

export function measured(leaf: EventCount, subject: RuleSubject, asOfMs: number): number {
  const since = leaf.withinDays === undefined ? -Infinity : asOfMs - windowMs(leaf.withinDays);
  return measure(leaf, countable(leaf, subject.events), since, asOfMs);
}

const eventCount = (leaf: EventCount, subject: RuleSubject, asOfMs: number): boolean =>
  compares(measured(leaf, subject, asOfMs), leaf.op, leaf.value);

/** Lately, and usually in `usualDays`. */
export function usual(
  leaf: EventUsual,
  subject: RuleSubject,
  asOfMs: number,
): { readonly lately: number; readonly usually: number } {
  const events = countable(leaf, subject.events);
  const between = asOfMs - windowMs(leaf.withinDays);
  const since = asOfMs - windowMs(leaf.withinDays + leaf.usualDays);
  return { lately: measure(leaf, events, between, asOfMs), usually: measure(leaf, events, since, between) };
}

/** Multiplied across, so that nothing is divided; in this order in SQL too. */
function unusual(leaf: EventUsual, subject: RuleSubject, asOfMs: number): boolean {
  const { lately, usually } = usual(leaf, subject, asOfMs);
  return usually > 0 && compares(lately * leaf.usualDays, leaf.op, leaf.times * (usually * leaf.withinDays));
}

export const consents = (
  { consent, channel }: Pick<ConsentTest, 'consent' | 'channel'>,
  subject: RuleSubject,
  asOfMs: number,
): boolean =>
  subject.consents.some(
    (c) =>
      c.purpose === consent &&
      c.channel === channel &&
      c.granted &&
      (c.expiresAt === null || Date.parse(c.expiresAt) > asOfMs),
  );

/** The bound is what fades with time; the weight stays. */
export const interestBound = (leaf: InterestTest, asOfMs: number): number =>
  leaf.value === 0 ? 0 : leaf.value * interestWeight(asOfMs);

const interested = (leaf: InterestTest, subject: RuleSubject, asOfMs: number): boolean =>
  compares(own(subject.interests, leaf.interest) ?? 0, leaf.op, interestBound(leaf, asOfMs));
