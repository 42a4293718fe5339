import { FORMAT_UNSAID, type CapRule, type CapRules } from './cap';

/** People by how many contacts they have: `atLeast4` is four and more. */
export interface Pressure {
  readonly people: number;
  readonly histogram: {
    readonly none: number;
    readonly one: number;
    readonly two: number;
    readonly three: number;
    readonly atLeast4: number;
  };
  /** Contacts per person, over everybody, those without any too. */
  readonly mean: number;
  /** 95 of 100 people have no more than this. */
  readonly p95: number;
  readonly max: number;
}

/** So many people with so many contacts each. */
export interface Tally {
  readonly contacts: number;
  readonly people: number;
}

/** How contacts are spread over `people`; whoever is in no tally has none. */
export function pressureOf(tallies: readonly Tally[], people: number): Pressure {
  const touched = tallies.filter(({ contacts }) => contacts > 0);
  const reached = sum(touched, ({ people: n }) => n);
  const everybody = [{ contacts: 0, people: Math.max(0, people - reached) }, ...touched];
  const total = Math.max(people, reached);
  const exactly = (n: number): number => sum(everybody, (tally) => (tally.contacts === n ? tally.people : 0));
  const contacts = sum(touched, (tally) => tally.contacts * tally.people);
  return {
    people: total,
    histogram: {
      none: exactly(0),
      one: exactly(1),
      two: exactly(2),
      three: exactly(3),
      atLeast4: sum(everybody, (tally) => (tally.contacts >= 4 ? tally.people : 0)),
    },
    mean: total === 0 ? 0 : contacts / total,
    p95: quantile(everybody, 0.95),
    max: touched.reduce((most, tally) => Math.max(most, tally.contacts), 0),
  };
}

/** The least number of contacts that at least this share of people do not exceed (the inverted distribution function). */
export function quantile(tallies: readonly Tally[], share: number): number {
  const total = sum(tallies, ({ people }) => people);
  let seen = 0;
  for (const { contacts, people } of tallies.toSorted((a, b) => a.contacts - b.contacts)) {
    seen += people;
    if (seen > 0 && seen >= share * total) return contacts;
  }
  return 0;
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

const CALENDAR_DAYS = { day: 1, week: 7, month: 30 } as const;

/** Days a cap looks at; of a calendar window its usual length. */
export const windowDaysOf = (rule: CapRule): number =>
  rule.windowDays ?? CALENDAR_DAYS[rule.calendar ?? 'day'];

/** The cap that lets the fewest contacts a day through, of equals the one with the longest window; null: none limits. */
export function strictestCap(
  caps: CapRules,
): { readonly key: string; readonly windowDays: number; readonly limit: number } | null {
  const limiting = Object.entries(caps).flatMap(([key, rule]) =>
    rule.limit === null ? [] : [{ key, windowDays: windowDaysOf(rule), limit: rule.limit }],
  );
  const [strictest] = limiting.toSorted(
    (a, b) =>
      a.limit / a.windowDays - b.limit / b.windowDays ||
      b.windowDays - a.windowDays ||
      (a.key < b.key ? -1 : 1),
  );
  return strictest ?? null;
}

/** Whether a contact counts against a cap, as far as the contact itself tells. */
export const countsAgainst = (
  rule: CapRule,
  contact: {
    readonly nature: string;
    readonly channel: string;
    readonly department: string;
    readonly format: string | null;
  },
): boolean =>
  rule.nature === contact.nature &&
  (rule.channel === undefined || rule.channel === contact.channel) &&
  (rule.department === undefined || rule.department === contact.department) &&
  (rule.format === undefined || rule.format === (contact.format ?? FORMAT_UNSAID));
