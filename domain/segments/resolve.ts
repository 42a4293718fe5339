import { BoucleError } from '../shared/errors';
import { REGIONS } from './regions';
import { clausesIn, type ResolvedRule, type Rule } from './rule';

/** What a rule may name. */
export interface RuleSurroundings {
  /** Rules of live versions, by the segment's key. */
  readonly liveRules: ReadonlyMap<string, Rule>;
  /** Means of attributes over segments, by `meanKey`. */
  readonly means: ReadonlyMap<string, number>;
}

/** Still reads its attribute: the targeting policy is to see it before there is a mean. */
const never = (attribute: string): ResolvedRule => ({ attribute, in: [] });

export const meanKey = (segment: string, attribute: string): string => `${segment} ${attribute}`;

/** What a rule may come to once everything it names stands in it: PostgreSQL takes 65,535 values in a statement. */
const MOST_CLAUSES = 2_000;
const DEEPEST = 60;

/**
 * Puts in what a rule names: other segments' rules, the départements of regions, means as numbers. Throws
 * segment-unknown, segment-cycle, and segment-invalid for a rule that becomes too large.
 */
export function resolveRule(rule: Rule, surroundings: RuleSurroundings): ResolvedRule {
  const { liveRules, means } = surroundings;
  let clauses = 0;
  const resolve = (r: Rule, within: readonly string[], depth: number): ResolvedRule => {
    if (depth > DEEPEST)
      throw new BoucleError('segment-invalid', 'the rule and the segments it names are nested too deeply');
    const under = (one: Rule): ResolvedRule => resolve(one, within, depth + 1);
    if ('all' in r) return { all: r.all.map(under) };
    if ('any' in r) return { any: r.any.map(under) };
    if ('not' in r) return { not: under(r.not) };
    clauses += clausesIn(r);
    if (clauses > MOST_CLAUSES)
      throw new BoucleError('segment-invalid', 'the rule and the segments it names come to too many clauses');
    if ('segment' in r) {
      if (within.includes(r.segment))
        throw new BoucleError(
          'segment-cycle',
          `segments name each other: ${[...within, r.segment].join(' → ')}`,
          [{ path: '/rule', message: `names ${r.segment}, which names it in turn` }],
        );
      const other = liveRules.get(r.segment);
      if (other === undefined)
        throw new BoucleError('segment-unknown', `no segment ${r.segment} is live`, [
          { path: '/rule', message: `names ${r.segment}, which is not live` },
        ]);
      return resolve(other, [...within, r.segment], depth + 1);
    }
    if ('regions' in r)
      return { attribute: 'area', in: r.regions.flatMap((code) => REGIONS[code]?.areas ?? []) };
    if ('meanOf' in r) {
      const mean = means.get(meanKey(r.meanOf, r.attribute));
      const value = mean === undefined ? NaN : r.times * mean;
      return Number.isFinite(value) ? { attribute: r.attribute, op: r.op, value } : never(r.attribute);
    }
    return r;
  };
  return resolve(rule, [], 1);
}

/** A mean of an attribute over a segment's members. */
export interface NamedMean {
  readonly segment: string;
  readonly attribute: string;
}

/** Segments a rule names itself, each once, sorted: as members, or for a mean over them. */
export function segmentsOf(rule: Rule): { readonly members: string[]; readonly means: NamedMean[] } {
  const members = new Set<string>();
  const means = new Map<string, NamedMean>();
  const visit = (r: Rule): void => {
    if ('all' in r) r.all.forEach(visit);
    else if ('any' in r) r.any.forEach(visit);
    else if ('not' in r) visit(r.not);
    else if ('segment' in r) members.add(r.segment);
    else if ('meanOf' in r)
      means.set(meanKey(r.meanOf, r.attribute), { segment: r.meanOf, attribute: r.attribute });
  };
  visit(rule);
  const byKey = [...means].sort(([a], [b]) => (a < b ? -1 : 1));
  return { members: [...members].sort(), means: byKey.map(([, mean]) => mean) };
}
