import { nextDue } from '../../domain/segments/due';
import { explainRule, type ExplainedClause } from '../../domain/segments/explain-rule';
import { resolveRule } from '../../domain/segments/resolve';
import { touchesOf } from '../../domain/segments/touches';
import { BoucleError } from '../../domain/shared/errors';
import type { Sql } from '../db';
import { loadSubjects } from '../memberships/subjects';
import { reading } from '../reading';
import { liveRules, ruleOf, surroundingsOf } from './live-rules';

export interface ExplainedMembership {
  readonly profileId: number;
  readonly segment: string;
  readonly version: number;
  readonly asOf: Date;
  /** What the rule says now. */
  readonly holds: boolean;
  /** Since when they are listed as a member; null: they are not. Only the live version lists members. */
  readonly memberSince: Date | null;
  /** When the rule may say something else though nothing happens; null: never. */
  readonly nextDue: Date | null;
  readonly why: ExplainedClause;
}

/** Why somebody is in a segment or not, clause by clause. Throws not-found. */
export const explainMembership = (
  sql: Sql,
  given: { readonly profileId: number; readonly segment: string; readonly version?: number | undefined },
  now: Date,
): Promise<ExplainedMembership> =>
  reading(sql, async (tx) => {
    const { profileId, segment } = given;
    const version = given.version ?? (await liveRules(tx, [segment])).get(segment)?.version;
    const [row] = await tx<{ version: number; rule: unknown }[]>`
      select version, rule from segments where key = ${segment} and version = ${version ?? null}::int`;
    if (row === undefined)
      throw new BoucleError('not-found', 'No such segment, or no version of it is live.');
    const written = ruleOf(row.rule);
    const rule = resolveRule(written, await surroundingsOf(tx, [written], new Map([[segment, written]])));
    const subject = (await loadSubjects(tx, [profileId], touchesOf([rule]), now)).get(profileId);
    if (subject === undefined) throw new BoucleError('not-found', 'No such profile.');
    const [member] = await tx<{ since: Date }[]>`
      select since from segment_members where segment = ${segment} and profile_id = ${profileId}`;
    const why = explainRule(rule, subject, now.getTime());
    const due = nextDue(rule, subject, now.getTime());
    return {
      profileId,
      segment,
      version: row.version,
      asOf: now,
      holds: why.holds,
      memberSince: member?.since ?? null,
      nextDue: due === null ? null : new Date(due),
      why,
    };
  });
