import type postgres from 'postgres';
import type { AudienceCounts } from '../domain/campaigns/audience';
import type { Sql, Tx } from './db';

/** `AudienceCounts` of a row of `audiences`, which stands in the statement as `a`. */
export const audienceColumns = (sql: Sql | Tx): postgres.Fragment =>
  sql`a.matched, a.excluded, a.holdout, a.members, a.arms, a.parts, a.personas`;

/** Of a campaign's frozen audience; null: none is frozen yet. */
export async function audienceCounts(sql: Sql | Tx, campaignId: string): Promise<AudienceCounts | null> {
  const [row] = await sql<AudienceCounts[]>`
    select ${audienceColumns(sql)} from audiences a where a.campaign_id = ${campaignId}`;
  return row ?? null;
}
