import type { Channel, DeliveryState } from '../../domain/shared/words';
import type { Sql } from '../db';

/** A line of the ledger as the API shows it. Pseudonymous: no name, no address. */
export interface DeliveryRow {
  readonly id: number;
  readonly campaignId: string;
  readonly step: string;
  readonly wave: string;
  readonly profileId: number;
  readonly arm: string;
  readonly persona: string;
  readonly channel: Channel;
  readonly creativeId: number | null;
  readonly state: DeliveryState;
  readonly code: string | null;
  readonly reason: string | null;
  readonly consentEventId: number | null;
  readonly openPixel: boolean;
  readonly attempts: number;
  readonly notBefore: Date | null;
  readonly gatedAt: Date;
  readonly settledAt: Date | null;
  readonly providerId: string | null;
}

export interface DeliveryFilter {
  readonly campaignId: string;
  readonly state?: DeliveryState;
  readonly wave?: string;
  /** Id of the last delivery of the page before. */
  readonly afterId?: number;
  readonly limit: number;
}

/** In the order of the ledger's key (step, profile), so that a page costs the same wherever it is. */
export async function listDeliveries(sql: Sql, filter: DeliveryFilter): Promise<DeliveryRow[]> {
  const rows = await sql<DeliveryRow[]>`
    select
      d.id, d.campaign_id as "campaignId", d.step, d.wave, d.profile_id as "profileId", d.arm, d.persona, d.channel,
      d.creative_id as "creativeId", d.state, d.code, d.reason, d.consent_event_id as "consentEventId",
      d.open_pixel as "openPixel", d.attempts, d.not_before as "notBefore", d.gated_at as "gatedAt",
      d.settled_at as "settledAt", d.provider_id as "providerId"
    from deliveries d
    where d.campaign_id = ${filter.campaignId}
      ${filter.afterId === undefined ? sql`` : sql`and (d.step, d.profile_id) > (select a.step, a.profile_id from deliveries a where a.id = ${filter.afterId})`}
      ${filter.state === undefined ? sql`` : sql`and d.state = ${filter.state}`}
      ${filter.wave === undefined ? sql`` : sql`and d.wave = ${filter.wave}`}
    order by d.step, d.profile_id limit ${filter.limit}`;
  return [...rows];
}
