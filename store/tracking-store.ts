import type { AgentKind } from '../domain/delivery/agent-kind';
import { MESSAGE_EVENTS } from '../domain/delivery/message-events';
import { natureRule } from '../domain/delivery/nature-rules';
import type { Nature, Purpose } from '../domain/shared/words';
import { createConsentStore } from './consent-store';
import type { Sql } from './db';

export interface Unsubscription {
  /** What was withdrawn; null: this kind of message cannot be refused, and only the wish was noted. */
  readonly purpose: Purpose | null;
  readonly locale: string;
  readonly brand: string;
}

interface DeliveryOrigin {
  readonly profile_id: number;
  readonly campaign_id: string;
  readonly nature: Nature;
  readonly locale: string;
  readonly brand: string;
}

/** What recipients do with a message. Every answer to an unknown delivery is null: a link tells nothing it should not. */
export function createTrackingStore(sql: Sql) {
  const consents = createConsentStore(sql);

  /** `id` decides how often it can count. Answers whether it was new. */
  const record = async (
    deliveryId: number,
    id: string,
    type: string,
    at: Date,
    properties: Record<string, string | number>,
  ): Promise<boolean> => {
    const { count } = await sql`
      insert into events (id, profile_id, type, at, campaign_id, delivery_id, properties)
      select ${id}, d.profile_id, ${type}, ${at}, d.campaign_id, d.id,
        ${sql.json(properties)}::jsonb || jsonb_build_object('step', d.step, 'arm', d.arm)
      from deliveries d where d.id = ${deliveryId}
      on conflict (id) do nothing`;
    return count > 0;
  };

  const originOf = async (deliveryId: number): Promise<DeliveryOrigin | null> => {
    const [row] = await sql<DeliveryOrigin[]>`
      select d.profile_id, d.campaign_id, c.scenario->>'nature' as nature, c.scenario->>'locale' as locale, c.scenario->>'brand' as brand
      from deliveries d join campaigns c on c.id = d.campaign_id where d.id = ${deliveryId}`;
    return row ?? null;
  };

  return {
    /**
     * Where the link leads, null when there is no such link. Each click by a person is an event, two within the same
     * second are one (a double click).
     */
    async recordClick(
      deliveryId: number,
      linkIndex: number,
      at: Date,
      agent: AgentKind,
    ): Promise<string | null> {
      const [link] = await sql<{ url: string; label: string }[]>`
        select l.url, l.label from deliveries d join creatives c on c.id = d.creative_id,
          jsonb_to_recordset(c.links) as l(index int, url text, label text)
        where d.id = ${deliveryId} and l.index = ${linkIndex}`;
      if (link === undefined) return null;
      const person = agent === 'person';
      const id = `${person ? 'click' : 'scan'}.${deliveryId}.${linkIndex}.${Math.floor(at.getTime() / 1_000)}`;
      await record(deliveryId, id, person ? MESSAGE_EVENTS.clicked : MESSAGE_EVENTS.scanned, at, {
        linkIndex,
        label: link.label,
        agent,
      });
      return link.url;
    },

    /** Counts only while the person agrees to it at this very moment, whatever they said when it was sent. */
    async recordOpen(deliveryId: number, at: Date, agent: AgentKind): Promise<boolean> {
      const [allowed] = await sql`
        select 1 from deliveries d
        join consent_state c on c.profile_id = d.profile_id and c.purpose = 'email-open-tracking' and c.channel = d.channel
        where d.id = ${deliveryId} and d.open_pixel and c.granted and (c.expires_at is null or c.expires_at > ${at})`;
      if (allowed === undefined) return false;
      return record(deliveryId, `open.${deliveryId}`, MESSAGE_EVENTS.opened, at, { agent });
    },

    /**
     * Withdraws the consent the message was sent under, at once. The event counts once a message; a later click on the
     * same link withdraws again, for somebody who had subscribed anew.
     */
    async unsubscribe(
      deliveryId: number,
      at: Date,
      via: 'one-click' | 'page',
    ): Promise<Unsubscription | null> {
      const origin = await originOf(deliveryId);
      if (origin === null) return null;
      const purpose = natureRule(origin.nature).consent?.purpose ?? null;
      if (purpose !== null) {
        await consents.withdraw({
          profileId: origin.profile_id,
          purpose,
          channel: 'email',
          source: via,
          recordedBy: 'recipient',
          evidence: { deliveryId, campaignId: origin.campaign_id },
        });
      }
      await record(deliveryId, `unsubscribe.${deliveryId}`, MESSAGE_EVENTS.unsubscribed, at, { via });
      return { purpose, locale: origin.locale, brand: origin.brand };
    },

    /** What the unsubscribe page says before anything is done. */
    async unsubscribable(deliveryId: number): Promise<Unsubscription | null> {
      const origin = await originOf(deliveryId);
      return origin === null
        ? null
        : {
            purpose: natureRule(origin.nature).consent?.purpose ?? null,
            locale: origin.locale,
            brand: origin.brand,
          };
    },

    /**
     * A recipient called it spam: their address is not used again, by anything. Counts once a message, in one statement
     * with the suppression. `providerEventId` is kept with the event.
     */
    async complaint(
      deliveryId: number,
      at: Date,
      providerEventId: string,
    ): Promise<'new' | 'known' | 'no-delivery'> {
      const [row] = await sql<{ counted: boolean }[]>`
        with origin as materialized (
          select d.id, d.campaign_id, d.profile_id, d.step, d.arm, p.email_fp
          from deliveries d join profiles p on p.id = d.profile_id where d.id = ${deliveryId}
        ),
        buried as (
          insert into suppressions (fingerprint, reason, at)
          select email_fp, 'complaint', ${at}::timestamptz from origin where email_fp is not null
          on conflict do nothing
        ),
        told as (
          insert into events (id, profile_id, type, at, campaign_id, delivery_id, properties)
          select ${`complaint.${deliveryId}`}, profile_id, ${MESSAGE_EVENTS.complained}, ${at}::timestamptz, campaign_id, id,
            jsonb_build_object('step', step, 'arm', arm, 'providerEventId', ${providerEventId}::text)
          from origin on conflict (id) do nothing returning id
        )
        select exists (select from told) as counted from origin`;
      if (row === undefined) return 'no-delivery';
      return row.counted ? 'new' : 'known';
    },
  };
}

export type TrackingStore = ReturnType<typeof createTrackingStore>;
