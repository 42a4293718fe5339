import { attributeName } from './attribute-name';
import { IANAZone } from 'luxon';
import { z } from 'zod';
import { storableText } from '../shared/text';
import { CHANNELS, PURPOSES } from '../shared/words';

/** Of the language below; kept with every version of a segment. 1 had attributes, events, and/or/not alone. */
export const RULE_LANGUAGE = 2;

/**
 * The rule language. A rule is a tree; `attribute` names an attribute that Boucle keeps up (./derived.ts), one of the
 * columns `area`, `market`, `locale`, or a flat attribute of the profile, in that order. A missing value satisfies only
 * `exists: false` and `not` around a comparison. `ne` holds for any other value that is there, of whatever type; `lt`…
 * hold between two numbers or two strings (by code point), between other types never.
 *
 * ./resolve.ts replaces what stands for something else (segments, regions, means); what is left is compiled to
 * parameterised SQL by store/segment-sql.ts and to a predicate by ./predicate.ts.
 */
const scalar = z.union([storableText(500), z.number(), z.boolean()], 'a text, a number, true or false');
const name = attributeName;
const ordering = z.enum(['lt', 'lte', 'gt', 'gte']);
const comparing = z.enum(['eq', 'ne', 'lt', 'lte', 'gt', 'gte']);
/** Bounded below as above: a product of the smallest numbers there are is an error in PostgreSQL, not 0. */
const days = z.number().min(0.001).max(3_650);
const times = z.number().min(0.001).max(1_000);
const zone = z
  .string()
  .regex(/^[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)*$/, 'a time zone such as Europe/Paris')
  .max(60)
  .refine((given) => IANAZone.isValidZone(given), 'a time zone such as Europe/Paris')
  .default('Europe/Paris');

const comparison = z.strictObject({ attribute: name, op: comparing, value: scalar });
const textual = z.strictObject({
  attribute: name,
  op: z.enum(['starts-with', 'contains']),
  value: storableText(200).min(1),
});
const membership = z.strictObject({ attribute: name, in: z.array(scalar).min(1).max(1_000) });
const existence = z.strictObject({ attribute: name, exists: z.boolean() });
/** Times the mean of the attribute over a segment's members, as of the last refresh; no mean yet: it never holds. */
const againstMean = z.strictObject({
  attribute: name,
  op: ordering,
  times,
  meanOf: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'the key of a segment'),
});

/** Dates are compared as texts, which holds while every year has four digits, in every zone. */
const FOUR_DIGITS = /^(?!0000|9999)/;
/** A day's start in the zone, so many days or months from today, or a date of its own. */
const moment = z.union(
  [
    z.strictObject({ daysAgo: z.int().min(0).max(36_500) }),
    z.strictObject({ daysAhead: z.int().min(0).max(36_500) }),
    z.strictObject({ monthsAgo: z.int().min(0).max(1_200) }),
    z.iso.date().regex(FOUR_DIGITS),
    z.iso.datetime({ offset: true }).regex(FOUR_DIGITS),
  ],
  '{"daysAgo": n}, {"daysAhead": n}, {"monthsAgo": n}, a day such as 2026-05-31, or an instant such as 2026-05-31T08:00:00+02:00',
);
/** An attribute that holds a date lies in [since, before); a calendar day starts at its midnight in the zone. */
const dated = z
  .strictObject({ date: name, since: moment.optional(), before: moment.optional(), zone })
  .refine((r) => r.since !== undefined || r.before !== undefined, 'needs since, before or both');
/** Completed years since a birth date, today in the zone; nobody who is yet to be born has an age. */
const aged = z
  .strictObject({
    age: z.strictObject({
      atLeast: z.int().min(0).max(150).optional(),
      atMost: z.int().min(0).max(150).optional(),
    }),
    of: name.default('birth_date'),
    zone,
  })
  .refine((r) => r.age.atLeast !== undefined || r.age.atMost !== undefined, 'needs atLeast, atMost or both');
/** The next anniversary of a date lies from `from` to `to` days ahead, today in the zone being 0. */
const anniversary = z
  .strictObject({
    anniversary: name,
    from: z.int().min(0).max(364).default(0),
    to: z.int().min(0).max(364).default(0),
    /** Where somebody of 29 February is celebrated in other years. */
    leapDay: z.enum(['feb-28', 'mar-1']).default('feb-28'),
    zone,
  })
  .refine((r) => r.from <= r.to, 'from is after to');

const property = storableText(60).min(1);
const where = z
  .array(
    z.union(
      [
        z.strictObject({ property, op: comparing, value: scalar }),
        z.strictObject({ property, in: z.array(scalar).min(1).max(200) }),
        z.strictObject({ property, exists: z.boolean() }),
      ],
      'a property with op and value, with in, or with exists',
    ),
  )
  .min(1)
  .max(10);
const event = storableText(60).min(1);
const measure = z.enum(['count', 'sum-cents']).default('count');
/** How many events of a type, in the last so many days (left out: ever), compare with a number. */
const eventCount = z.strictObject({
  event,
  where: where.optional(),
  withinDays: days.optional(),
  measure,
  op: comparing,
  value: z.number(),
});
/**
 * The measure over the last `withinDays` against `times` what is usual for this very person: their own measure over the
 * `usualDays` before those, scaled to as many days. Who has nothing usual is not held.
 */
const eventUsual = z.strictObject({
  event,
  where: where.optional(),
  measure,
  withinDays: days,
  usualDays: days,
  op: ordering,
  times,
});

/** In force now: granted, and not expired. */
const consent = z.strictObject({
  consent: z.enum(PURPOSES),
  channel: z.enum(CHANNELS),
  granted: z.boolean().default(true),
});
/** What the interest in a category has faded to (domain/segments/interest.ts) compares with a number. */
const interest = z.strictObject({
  interest: storableText(60).min(1),
  op: ordering,
  value: z.number().min(0).max(1_000_000),
});
/** Official codes of French regions (INSEE): `11` is Île-de-France. */
const regions = z.strictObject({
  regions: z
    .array(z.string().regex(/^\d{2}$/))
    .min(1)
    .max(18),
});
/** An address of the channel is known: nothing is said of consent or suppression. */
const reachable = z.strictObject({ reachable: z.enum(CHANNELS) });
/** The live version of another segment holds. */
const segment = z.strictObject({
  segment: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'the key of a segment'),
});

export type Comparison = z.infer<typeof comparison>;
export type Textual = z.infer<typeof textual>;
export type Membership = z.infer<typeof membership>;
export type Existence = z.infer<typeof existence>;
export type AgainstMean = z.infer<typeof againstMean>;
export type Dated = z.infer<typeof dated>;
export type Moment = z.infer<typeof moment>;
export type Aged = z.infer<typeof aged>;
export type Anniversary = z.infer<typeof anniversary>;
export type PropertyTest = z.infer<typeof where>[number];
export type EventCount = z.infer<typeof eventCount>;
export type EventUsual = z.infer<typeof eventUsual>;
export type ConsentTest = z.infer<typeof consent>;
export type InterestTest = z.infer<typeof interest>;
export type Reachable = z.infer<typeof reachable>;

/** What both compilers know. */
export type ResolvedLeaf =
  | Comparison
  | Textual
  | Membership
  | Existence
  | Dated
  | Aged
  | Anniversary
  | EventCount
  | EventUsual
  | ConsentTest
  | InterestTest
  | Reachable
  | { everyone: true };
/** What stands for something else. */
export type NamedLeaf = AgainstMean | z.infer<typeof regions> | z.infer<typeof segment>;

type Tree<L> = { all: Tree<L>[] } | { any: Tree<L>[] } | { not: Tree<L> } | L;
export type ResolvedRule = Tree<ResolvedLeaf>;
export type Leaf = ResolvedLeaf | NamedLeaf;
export type Rule = Tree<Leaf>;

/** A leaf counts with every property it asks its events for. */
export const clausesIn = (leaf: Leaf): number => 1 + ('where' in leaf ? (leaf.where?.length ?? 0) : 0);

/** What a leaf may be, by the words that tell it from the others. */
export const LEAVES = {
  comparison,
  textual,
  membership,
  existence,
  againstMean,
  dated,
  aged,
  anniversary,
  eventCount,
  eventUsual,
  consent,
  interest,
  regions,
  reachable,
  segment,
  everyone: z.strictObject({ everyone: z.literal(true) }),
} as const;
export type LeafKind = keyof typeof LEAVES;

/** The shape, as it is documented; ./read-rule.ts checks one and says where it is wrong. */
export const ruleSchema: z.ZodType<Rule> = z.lazy(() =>
  z.union([
    z.strictObject({ all: z.array(ruleSchema).min(1).max(50) }),
    z.strictObject({ any: z.array(ruleSchema).min(1).max(50) }),
    z.strictObject({ not: ruleSchema }),
    ...Object.values(LEAVES),
  ]),
);

/** Names of the attributes a rule reads, each once, sorted. */
export function attributesOf(rule: Rule): string[] {
  const names = new Set<string>();
  const visit = (r: Rule): void => {
    if ('all' in r) r.all.forEach(visit);
    else if ('any' in r) r.any.forEach(visit);
    else if ('not' in r) visit(r.not);
    else if ('attribute' in r) names.add(r.attribute);
    else if ('date' in r) names.add(r.date);
    else if ('age' in r) names.add(r.of);
    else if ('anniversary' in r) names.add(r.anniversary);
    else if ('regions' in r) names.add('area');
  };
  visit(rule);
  return [...names].sort();
}
