import { z } from 'zod';
import { storableText } from '../shared/text';

/**
 * The rule language, narrow form. A rule is a tree; `attribute` names a flat attribute of the profile or one of
 * `area`, `market`, `locale`. A missing attribute satisfies only `exists: false` and `not` around a comparison.
 * `ne` holds for any other value that is there, of whatever type; `lt`… hold between two numbers or two strings (by
 * code point), between other types never. Compiled to parameterised SQL by store/segment-sql.ts and to a predicate by
 * ./predicate.ts.
 */
const scalar = z.union([storableText(500), z.number(), z.boolean()]);
const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, 'an attribute name: lower-case letters, digits, underscores');

const comparison = z.strictObject({
  attribute: name,
  op: z.enum(['eq', 'ne', 'lt', 'lte', 'gt', 'gte']),
  value: scalar,
});
const membership = z.strictObject({ attribute: name, in: z.array(scalar).min(1).max(1_000) });
const existence = z.strictObject({ attribute: name, exists: z.boolean() });
/** How many events of a type, in the last so many days (left out: ever), compare with a number. */
const eventCount = z.strictObject({
  event: storableText(60).min(1),
  withinDays: z.number().positive().max(3_650).optional(),
  measure: z.enum(['count', 'sum-cents']).default('count'),
  op: z.enum(['eq', 'ne', 'lt', 'lte', 'gt', 'gte']),
  value: z.number(),
});

export type Comparison = z.infer<typeof comparison>;
export type Membership = z.infer<typeof membership>;
export type Existence = z.infer<typeof existence>;
export type EventCount = z.infer<typeof eventCount>;
export type Rule =
  | { all: Rule[] }
  | { any: Rule[] }
  | { not: Rule }
  | Comparison
  | Membership
  | Existence
  | EventCount
  | { everyone: true };

export const ruleSchema: z.ZodType<Rule> = z.lazy(() =>
  z.union([
    z.strictObject({ all: z.array(ruleSchema).min(1).max(50) }),
    z.strictObject({ any: z.array(ruleSchema).min(1).max(50) }),
    z.strictObject({ not: ruleSchema }),
    comparison,
    membership,
    existence,
    eventCount,
    z.strictObject({ everyone: z.literal(true) }),
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
  };
  visit(rule);
  return [...names].sort();
}
