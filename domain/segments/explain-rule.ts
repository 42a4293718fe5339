import { own } from '../shared/own';
import { interestLeft } from './interest';
import { consents, holds, measured, usual } from './predicate';
import type { ResolvedLeaf, ResolvedRule } from './rule';
import { valueOf, type AttributeValue, type RuleSubject } from './subject';

/** One clause of a rule, and what it came to for one person. */
export interface ExplainedClause {
  readonly holds: boolean;
  /** The clause as it stands in the rule; of `all`, `any` and `not` the word alone. */
  readonly clause: 'all' | 'any' | 'not' | ResolvedLeaf;
  /** What it saw: the attribute's value, the number counted, whether a consent is in force… Absent where it has parts. */
  readonly saw?: AttributeValue | Readonly<Record<string, AttributeValue>>;
  readonly parts?: readonly ExplainedClause[];
}

/** Every clause with the value it saw, also those whose answer no longer mattered. */
export function explainRule(rule: ResolvedRule, subject: RuleSubject, asOfMs: number): ExplainedClause {
  const each = (rules: readonly ResolvedRule[]): ExplainedClause[] =>
    rules.map((one) => explainRule(one, subject, asOfMs));
  if ('all' in rule) {
    const parts = each(rule.all);
    return { holds: parts.every((part) => part.holds), clause: 'all', parts };
  }
  if ('any' in rule) {
    const parts = each(rule.any);
    return { holds: parts.some((part) => part.holds), clause: 'any', parts };
  }
  if ('not' in rule) {
    const parts = each([rule.not]);
    return { holds: !parts.every((part) => part.holds), clause: 'not', parts };
  }
  return { holds: holds(rule, subject, asOfMs), clause: rule, saw: sawOf(rule, subject, asOfMs) };
}

function sawOf(
  leaf: ResolvedLeaf,
  subject: RuleSubject,
  asOfMs: number,
): Exclude<ExplainedClause['saw'], undefined> {
  if ('event' in leaf)
    return 'usualDays' in leaf ? { ...usual(leaf, subject, asOfMs) } : measured(leaf, subject, asOfMs);
  if ('attribute' in leaf) return valueOf(subject, leaf.attribute);
  if ('date' in leaf) return valueOf(subject, leaf.date);
  if ('age' in leaf) return valueOf(subject, leaf.of);
  if ('anniversary' in leaf) return valueOf(subject, leaf.anniversary);
  if ('consent' in leaf) return consents(leaf, subject, asOfMs);
  if ('interest' in leaf) return interestLeft(own(subject.interests, leaf.interest) ?? 0, asOfMs);
  if ('reachable' in leaf) return subject.reachable.includes(leaf.reachable);
  return true;
}
