import { own } from '../shared/own';
import { z } from 'zod';
import { storableText } from '../shared/text';
import { isDerived } from './derived';
import { nextDue } from './due';
import { interestFadesTo, interestLeft } from './interest';
import { matches } from './predicate';
import { readRule } from './read-rule';
import { attributesOf, ruleSchema, type ResolvedRule, type Rule } from './rule';
import { type RuleSubject } from './subject';

/** Attributes that are judged with the person's segments: nothing they are made of may be one of them. */
export const STANDING_ATTRIBUTES = ['state', 'behavior_cluster'] as const;
/** What is left of an interest that still makes a behaviour, in points. */
export const CLUSTER_POINTS = 1;

const stateRule = z
  .unknown()
  .superRefine((given, ctx) => {
    const read = readRule(given);
    const faults = read.ok ? outside(read.rule) : read.faults;
    for (const { path, message } of faults)
      ctx.addIssue({ code: 'custom', message, path: path.split('/').slice(1) });
  })
  .pipe(ruleSchema);

function outside(rule: Rule): { path: string; message: string }[] {
  const faults = STANDING_ATTRIBUTES.filter((name) => attributesOf(rule).includes(name)).map((name) => ({
    path: '',
    message: `a state may not be made of ${name}`,
  }));
  const visit = (r: Rule, path: string): void => {
    if ('all' in r) r.all.forEach((one, i) => visit(one, `${path}/all/${i}`));
    else if ('any' in r) r.any.forEach((one, i) => visit(one, `${path}/any/${i}`));
    else if ('not' in r) visit(r.not, `${path}/not`);
    else if ('segment' in r || 'meanOf' in r)
      faults.push({ path, message: 'a state names no segment: segments may be made of states' });
  };
  visit(rule, '');
  return faults;
}

/** A state people can be in; its key is what the attribute `state` then says. The first that holds, by `order`, is theirs. */
export const lifecycleStateSchema = z.strictObject({
  order: z.int().min(1).max(1_000),
  about: storableText(200).min(1),
  rule: stateRule,
});
export type LifecycleState = z.infer<typeof lifecycleStateSchema>;

/** One as it is judged. */
export interface JudgedState {
  readonly state: string;
  readonly rule: ResolvedRule;
}

/** What a person is at a moment; null: nothing that has a name. */
export interface Standing {
  readonly state: string | null;
  readonly behavior_cluster: string | null;
}

/** By states in their order, the first that holds; and the strongest interest that has not faded. */
export function standingOf(states: readonly JudgedState[], subject: RuleSubject, asOfMs: number): Standing {
  const state = states.find(({ rule }) => matches(rule, subject, asOfMs))?.state ?? null;
  const strongest = strongestInterest(subject);
  const left = strongest === null ? 0 : interestLeft(strongest.weight, asOfMs);
  return {
    state,
    behavior_cluster: strongest !== null && left >= CLUSTER_POINTS ? strongest.category : null,
  };
}

/** The earliest moment (epoch milliseconds) at which the standing may change though nothing happens; null: never. */
export function standingDue(
  states: readonly JudgedState[],
  subject: RuleSubject,
  asOfMs: number,
): number | null {
  const turns = states.map(({ rule }) => nextDue(rule, subject, asOfMs));
  const strongest = strongestInterest(subject);
  if (strongest !== null) {
    const fades = interestFadesTo(strongest.weight, CLUSTER_POINTS);
    // A moment after: a logarithm is rounded.
    if (fades !== null && fades + 1_000 > asOfMs) turns.push(Math.ceil(fades) + 1_000);
  }
  const known = turns.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** All interests fade alike: who leads does not hang on when it is asked. Among equals the first by name. */
function strongestInterest({ interests }: RuleSubject): { category: string; weight: number } | null {
  let strongest: { category: string; weight: number } | null = null;
  for (const category of Object.keys(interests).sort()) {
    const weight = own(interests, category) ?? 0;
    if (weight > (strongest?.weight ?? 0)) strongest = { category, weight };
  }
  return strongest;
}

/** Whether a rule reads something that is kept up. */
export const readsDerived = (attributes: ReadonlySet<string>): boolean => [...attributes].some(isDerived);
