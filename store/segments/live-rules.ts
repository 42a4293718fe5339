import { readRule } from '../../domain/segments/read-rule';
import { meanKey, resolveRule, segmentsOf, type RuleSurroundings } from '../../domain/segments/resolve';
import type { ResolvedRule, Rule } from '../../domain/segments/rule';
import { BoucleError } from '../../domain/shared/errors';
import type { Sql, Tx } from '../db';

export interface LiveRule {
  readonly key: string;
  readonly version: number;
  /** As it was written. */
  readonly rule: Rule;
}

/** A stored rule. Throws segment-invalid with the places at fault. */
export function ruleOf(given: unknown): Rule {
  const answer = readRule(given);
  if (answer.ok) return answer.rule;
  const faults = answer.faults.map(({ path, message }) => ({ path: `/rule${path}`, message }));
  throw new BoucleError('segment-invalid', 'The rule is not one the rule language knows.', faults);
}

/** The live versions of segments, by key; those that have none are left out. */
export async function liveRules(
  sql: Sql | Tx,
  keys: readonly string[],
): Promise<ReadonlyMap<string, LiveRule>> {
  if (keys.length === 0) return new Map();
  const rows = await sql<{ key: string; version: number; rule: unknown }[]>`
    select key, version, s.rule from live_segments l join segments s using (key, version) where key = any(${[...keys]}::text[])`;
  return new Map(rows.map((row) => [row.key, { ...row, rule: ruleOf(row.rule) }]));
}

/** Everything the rules name, and what that names in turn. `known`: rules that stand in for live ones. */
export async function surroundingsOf(
  sql: Sql | Tx,
  rules: readonly Rule[],
  known: ReadonlyMap<string, Rule> = new Map(),
): Promise<RuleSurroundings> {
  const found = new Map(known);
  const measured = new Set<string>();
  let open: readonly Rule[] = rules;
  while (open.length > 0) {
    const named = open.map(segmentsOf);
    for (const { segment } of named.flatMap(({ means }) => means)) measured.add(segment);
    const missing = [...new Set(named.flatMap(({ members }) => members))].filter((key) => !found.has(key));
    const next = [...(await liveRules(sql, missing)).values()];
    for (const { key, rule } of next) found.set(key, rule);
    open = next.map(({ rule }) => rule);
  }
  const means =
    measured.size === 0
      ? []
      : await sql<{ segment: string; attribute: string; mean: number }[]>`
          select segment, attribute, mean from segment_means
          where mean is not null and segment = any(${[...measured]}::text[])`;
  return {
    liveRules: found,
    means: new Map(means.map(({ segment, attribute, mean }) => [meanKey(segment, attribute), mean])),
  };
}

/** The live rules of segments with everything they name put in; those that have none are left out. */
export async function resolvedLiveRules(
  sql: Sql | Tx,
  keys: readonly string[],
): Promise<ReadonlyMap<string, ResolvedRule>> {
  const live = [...(await liveRules(sql, keys)).values()];
  const surroundings = await surroundingsOf(
    sql,
    live.map(({ rule }) => rule),
    new Map(live.map(({ key, rule }) => [key, rule])),
  );
  return new Map(live.map(({ key, rule }) => [key, resolveRule(rule, surroundings)]));
}
