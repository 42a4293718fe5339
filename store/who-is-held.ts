import type postgres from 'postgres';
import type { CapRule } from '../domain/frequency/cap';
import type { ResolvedRule } from '../domain/segments/rule';
import type { Sql } from './db';
import { recipientTypeSql } from './recipient-type-sql';
import { ruleSql } from './segment-sql';

/** Whom a cap holds, as they are now: a condition on profiles under the alias `p`. `segment`: the rule of the cap's. */
export const whoIsHeld = (
  sql: Sql,
  cap: CapRule,
  segment: ResolvedRule | null,
  now: Date,
): postgres.Fragment => sql`
  (p.merged_into is null
    and ${cap.recipientType === undefined ? sql`true` : sql`${recipientTypeSql(sql)} = ${cap.recipientType}`}
    and ${segment === null ? sql`true` : ruleSql(sql, segment, now)})`;
