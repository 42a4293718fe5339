import type postgres from 'postgres';
import { drawnHoldouts, type DrawnHoldout } from '../domain/delivery/holdout';
import { belowSql, digestSql } from './assignment';
import type { Sql, Tx } from './db';
import { createPoliciesStore } from './policies-store';

/** Whether somebody is in one of the holdouts, over profiles under the alias `p`. null: there is none. */
export function heldOutSql(sql: Sql | Tx, holdouts: readonly DrawnHoldout[]): postgres.Fragment | null {
  const each = holdouts.map(({ salt, share, market }) => {
    const drawn = belowSql(sql, digestSql(sql, salt, sql`p.id`), share);
    return market === null ? drawn : sql`(p.market = ${market} and ${drawn})`;
  });
  return each.length === 0 ? null : sql`(${each.reduce((all, one) => sql`${all} or ${one}`)})`;
}

/** The standing holdouts as they are drawn at a moment. */
export const holdoutsAt = async (sql: Sql | Tx, now: Date): Promise<DrawnHoldout[]> =>
  drawnHoldouts(await createPoliciesStore(sql).list('holdout'), now);
