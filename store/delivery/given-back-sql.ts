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
  released as (
    delete from contacts c using ${sql(rows)} r
    where c.campaign_id = r.campaign_id and c.step = r.step and c.profile_id = r.profile_id and r.in_doubt is null
  )`;
