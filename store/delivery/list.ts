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
  /** Channels that failed before this one. */
  readonly tried: readonly Channel[];
  readonly attempts: number;
  readonly costMicros: number | null;
  readonly notBefore: Date | null;
  readonly gatedAt: Date;
  readonly settledAt: Date | null;
  readonly providerId: string | null;
}

export interface DeliveryFilter {
  readonly campaignId: string;
  readonly state?: DeliveryState | undefined;
  readonly wave?: string | undefined;
  readonly step?: string | undefined;
  readonly channel?: Channel | undefined;
  readonly arm?: string | undefined;
  /** As it stands in the row, or its part before a colon: `cap` finds `cap:promotion-14-days`. */
  readonly reason?: string | undefined;
  readonly code?: string | undefined;
  readonly profileId?: number | undefined;
  /** Gated or settled at this moment or later. */
  readonly since?: Date | undefined;
  /** Id of the last delivery of the page before. */
  readonly afterId?: number | undefined;
  readonly limit: number;
}

/** In the order of the ledger's key (step, profile), so that a page costs the same wherever it is. */
export async function listDeliveries(sql: Sql, filter: DeliveryFilter): Promise<DeliveryRow[]> {
  const { state, wave, step, channel, arm, reason, code, profileId, since, afterId } = filter;
  const rows = await sql<DeliveryRow[]>`
    select
      d.id, d.campaign_id as "campaignId", d.step, d.wave, d.profile_id as "profileId", d.arm, d.persona, d.channel,
      d.creative_id as "creativeId", d.state, d.code, d.reason, d.consent_event_id as "consentEventId",
      d.open_pixel as "openPixel", coalesce(d.tried, '{}') as tried, d.attempts, d.cost_micros as "costMicros",
      d.not_before as "notBefore", d.gated_at as "gatedAt", d.settled_at as "settledAt", d.provider_id as "providerId"
    from deliveries d
    where d.campaign_id = ${filter.campaignId}
      ${afterId === undefined ? sql`` : sql`and (d.step, d.profile_id) > (select a.step, a.profile_id from deliveries a where a.id = ${afterId})`}
      ${state === undefined ? sql`` : sql`and d.state = ${state}`}
      ${wave === undefined ? sql`` : sql`and d.wave = ${wave}`}
      ${step === undefined ? sql`` : sql`and d.step = ${step}`}
      ${channel === undefined ? sql`` : sql`and d.channel = ${channel}`}
      ${arm === undefined ? sql`` : sql`and d.arm = ${arm}`}
      ${reason === undefined ? sql`` : sql`and (d.reason = ${reason} or split_part(d.reason, ':', 1) = ${reason})`}
      ${code === undefined ? sql`` : sql`and d.code = ${code}`}
      ${profileId === undefined ? sql`` : sql`and d.profile_id = ${profileId}`}
      ${since === undefined ? sql`` : sql`and (d.gated_at >= ${since} or d.settled_at >= ${since})`}
    order by d.step, d.profile_id limit ${filter.limit}`;
  return [...rows];
}
