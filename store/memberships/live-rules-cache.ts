import { resolveRule } from '../../domain/segments/resolve';
import type { ResolvedRule } from '../../domain/segments/rule';
import { touchesOf, type Touches } from '../../domain/segments/touches';
import type { Sql, Tx } from '../db';
import { readUpkeep, type Upkeep } from '../derived/standing';
import { ruleOf, surroundingsOf } from '../segments/live-rules';
import { LOCKS } from '../locks';

export interface JudgedRule {
  readonly segment: string;
  readonly version: number;
  readonly rule: ResolvedRule;
  readonly touches: Touches;
}

/** Every live rule, as they were at one epoch. */
export interface LiveRules {
  readonly epoch: number;
  readonly all: readonly JudgedRule[];
  /** What any of them reads. */
  readonly touches: Touches;
  readonly upkeep: Upkeep;
}

/** Waits for those who judge, and holds them off until the transaction ends. */
export async function changeRules(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(${LOCKS.rules})`;
}

/**
 * Live rules compiled once and kept for as long as nothing they are made of changes; asked in each transaction that judges,
 * in which they then stand still. It is known to judge from then on (boucle.judging): what it writes touches nobody.
 */
export function createLiveRulesCache() {
  let kept: LiveRules | null = null;
  return async (tx: Tx): Promise<LiveRules> => {
    // Two statements: one alone would read what was there before it had waited.
    const [, [row]] = await Promise.all([
      tx`select pg_advisory_xact_lock_shared(${LOCKS.rules}), set_config('boucle.judging', 'on', true)`,
      tx<{ epoch: number }[]>`select epoch from rules_epoch`,
    ]);
    const epoch = row?.epoch ?? 0;
    if (kept?.epoch !== epoch) kept = { epoch, ...(await readLiveRules(tx)) };
    return kept;
  };
}

export async function readLiveRules(sql: Sql | Tx): Promise<Omit<LiveRules, 'epoch'>> {
  const rows = await sql<{ key: string; version: number; rule: unknown }[]>`
    select key, version, s.rule from live_segments l join segments s using (key, version) order by key`;
  const written = rows.map(({ key, version, rule }) => ({ segment: key, version, rule: ruleOf(rule) }));
  const known = new Map(written.map(({ segment, rule }) => [segment, rule]));
  const surroundings = await surroundingsOf(sql, [...known.values()], known);
  const all = written.map(({ segment, version, rule }) => {
    const resolved = resolveRule(rule, surroundings);
    return { segment, version, rule: resolved, touches: touchesOf([resolved]) };
  });
  return { all, touches: touchesOf(all.map(({ rule }) => rule)), upkeep: await readUpkeep(sql) };
}

/** Writes down what live rules read, for the triggers that touch people; in the transaction that changes what is live. */
export async function noteLiveReads(tx: Tx): Promise<void> {
  const { all, touches } = await readLiveRules(tx);
  const reads = [
    ...[...touches.eventTypes.keys()].map((name) => ({ kind: 'event', name })),
    ...[...touches.consents].map((name) => ({ kind: 'consent', name })),
    // Whoever is new is judged by every rule.
    ...(all.length > 0 ? [{ kind: 'profile', name: '*' }] : []),
  ];
  await tx`delete from live_reads where by = 'segments'`;
  await tx`
    insert into live_reads (kind, name, by)
    select kind, name, 'segments' from json_to_recordset(${JSON.stringify(reads)}::text::json) as x(kind text, name text)`;
}
