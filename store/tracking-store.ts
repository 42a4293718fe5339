import type { AgentKind, PixelAgent } from '../domain/delivery/agent-kind';
import { MESSAGE_EVENTS } from '../domain/delivery/message-events';
import { natureRule } from '../domain/delivery/nature-rules';
import type { Channel, Nature, Purpose } from '../domain/shared/words';
import { createConsentStore } from './consent-store';
import type { Sql } from './db';
import { grouped } from './grouped';
import { natureOfStep } from './step-nature-sql';
import { writeClicks, type Click } from './tracking/clicks';
import { writeOpens, type Open } from './tracking/opens';

export interface Unsubscription {
  /** What was withdrawn; null: this kind of message cannot be refused, and only the wish was noted. */
  readonly purpose: Purpose | null;
  /** The message's own: nothing else ends. */
  readonly channel: Channel;
  readonly locale: string;
  readonly brand: string;
}

interface DeliveryOrigin {
  readonly profile_id: number;
  readonly campaign_id: string;
  readonly nature: Nature;
  readonly channel: Channel;
  readonly locale: string;
  readonly brand: string;
}

/** Nobody reads a mail and finds a link in it faster. */
const SCANNER_SECONDS = 2;

export interface TrackingOptions {
  /** What follows a link sooner than this after the hand-over, or several of them within it, is a scanner; 0: nothing is. */
  readonly scannerSeconds?: number;
}

/** What recipients do with a message. Every answer to an unknown delivery is null: a link tells nothing it should not. */
export function createTrackingStore(sql: Sql, options: TrackingOptions = {}) {
  const consents = createConsentStore(sql);
  const { scannerSeconds = SCANNER_SECONDS } = options;
  const click = grouped((clicks: readonly Click[]) => writeClicks(sql, clicks, scannerSeconds));
  const open = grouped((opens: readonly Open[]) => writeOpens(sql, opens));

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
      select d.profile_id, d.campaign_id, d.channel, c.scenario->>'locale' as locale, c.scenario->>'brand' as brand,
        ${natureOfStep(sql, sql`c.scenario`, sql`d.step`)} as nature
      from deliveries d join campaigns c on c.id = d.campaign_id where d.id = ${deliveryId}`;
    return row ?? null;
  };

  return {
    /** Where the link leads, null when there is no such link. A click by a person is an event, a scanner's one apart. */
    recordClick: (
      deliveryId: number,
      linkIndex: number,
      at: Date,
      agent: AgentKind,
      head = false,
    ): Promise<string | null> => click({ deliveryId, linkIndex, at, agent, head }),

    /** Whether it counted: only while the person agrees to it at this very moment, whatever they said before. */
    recordOpen: (deliveryId: number, at: Date, agent: PixelAgent): Promise<boolean> =>
      open({ deliveryId, at, agent }),

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
          channel: origin.channel,
          source: via,
          recordedBy: 'recipient',
          evidence: { deliveryId, campaignId: origin.campaign_id },
        });
      }
      await record(deliveryId, `unsubscribe.${deliveryId}`, MESSAGE_EVENTS.unsubscribed, at, { via });
      return { purpose, channel: origin.channel, locale: origin.locale, brand: origin.brand };
    },

    /** What the unsubscribe page says before anything is done. */
    async unsubscribable(deliveryId: number): Promise<Unsubscription | null> {
      const origin = await originOf(deliveryId);
      return origin === null
        ? null
        : {
            purpose: natureRule(origin.nature).consent?.purpose ?? null,
            channel: origin.channel,
            locale: origin.locale,
            brand: origin.brand,
          };
    },
  };
}

export type TrackingStore = ReturnType<typeof createTrackingStore>;
