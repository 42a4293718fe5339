import type postgres from 'postgres';
import type { Sql, Tx } from '../db';
import { refundedCte } from './ledger-sql';

/**
 * Gives back what rows had reserved that are not sent after all, their contact and their cost: `rows (campaign_id, step,
 * profile_id, cost_micros, in_doubt)` names the common table expression that has them, with the cost from before it was
 * taken off. What a provider may have had keeps both.
 */
export const givenBackCtes = (sql: Sql | Tx, rows: string): postgres.Fragment => sql`
  ${refundedCte(sql, rows)},
  ${releasedCtes(sql, rows, sql`r.in_doubt is null`)}`;

/** Takes back the contacts of those `rows r` for which `which` holds, also where the person was merged into another since. */
export const releasedCtes = (sql: Sql | Tx, rows: string, which: postgres.Fragment): postgres.Fragment => sql`
  released as (
    delete from contacts c using ${sql(rows)} r
    where ${which} and c.campaign_id = r.campaign_id and c.step = r.step and c.profile_id = r.profile_id
  ),
  released_of_merged as (
    delete from contacts c using ${sql(rows)} r
    where ${which} and c.campaign_id = r.campaign_id and c.step = r.step and c.original_id = r.profile_id
  )`;
