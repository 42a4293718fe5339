import type { Comparison, EventCount, Existence, Membership, Rule } from './rule';

export type AttributeValue = string | number | boolean | null;

/** What a rule can read of one person. */
export interface RuleSubject {
  readonly area: string | null;
  readonly market: string;
  readonly locale: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly events: readonly {
    readonly type: string;
    readonly at: string;
    readonly valueCents: number | null;
  }[];
}

/** Attributes that are columns of the profile; they hide attributes of the same name. */
export const COLUMN_ATTRIBUTES = ['area', 'market', 'locale'] as const;

const DAY_MS = 86_400_000;

/**
 * Whether somebody is in a segment at an instant (epoch milliseconds). Agrees with store/segment-sql.ts on every rule
 * and profile: a generated test holds them together.
 */
export function matches(rule: Rule, subject: RuleSubject, asOfMs: number): boolean {
  if ('all' in rule) return rule.all.every((r) => matches(r, subject, asOfMs));
  if ('any' in rule) return rule.any.some((r) => matches(r, subject, asOfMs));
  if ('not' in rule) return !matches(rule.not, subject, asOfMs);
  if ('event' in rule) return eventCount(rule, subject, asOfMs);
  if ('attribute' in rule) return attribute(rule, valueOf(subject, rule.attribute));
  return rule.everyone;
}

function valueOf(subject: RuleSubject, name: string): AttributeValue {
  const column = COLUMN_ATTRIBUTES.find((c) => c === name);
  if (column !== undefined) return subject[column];
  return Object.hasOwn(subject.attributes, name) ? (subject.attributes[name] ?? null) : null;
}

function attribute(rule: Comparison | Membership | Existence, value: AttributeValue): boolean {
  if ('exists' in rule) return (value !== null) === rule.exists;
  if (value === null) return false;
  if ('in' in rule) return rule.in.some((candidate) => candidate === value);
  if (rule.op === 'eq') return value === rule.value;
  if (rule.op === 'ne') return value !== rule.value;
  if (typeof value === 'number' && typeof rule.value === 'number')
    return ordered(rule.op, value - rule.value);
  if (typeof value === 'string' && typeof rule.value === 'string')
    return ordered(rule.op, compareText(value, rule.value));
  return false;
}

function ordered(op: 'lt' | 'lte' | 'gt' | 'gte', difference: number): boolean {
  switch (op) {
    case 'lt':
      return difference < 0;
    case 'lte':
      return difference <= 0;
    case 'gt':
      return difference > 0;
    case 'gte':
      return difference >= 0;
  }
}

/** By code point, as `collate "C"` does on UTF-8; JavaScript's `<` goes by UTF-16 unit and differs past U+D7FF. */
function compareText(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function eventCount(rule: EventCount, subject: RuleSubject, asOfMs: number): boolean {
  const since = rule.withinDays === undefined ? -Infinity : asOfMs - rule.withinDays * DAY_MS;
  const counted = subject.events.filter((e) => {
    const at = Date.parse(e.at);
    return e.type === rule.event && at > since && at <= asOfMs;
  });
  const measured =
    rule.measure === 'count' ? counted.length : counted.reduce((sum, e) => sum + (e.valueCents ?? 0), 0);
  if (rule.op === 'eq') return measured === rule.value;
  if (rule.op === 'ne') return measured !== rule.value;
  return ordered(rule.op, measured - rule.value);
}
