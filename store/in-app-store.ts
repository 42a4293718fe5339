import { MESSAGE_EVENTS } from '../domain/delivery/message-events';
import type { OutgoingInApp } from '../domain/delivery/ports';
import type { Db } from './db';

/** A message as the application shows it. Filled in for one person: never logged. */
export interface InAppMessage {
  readonly id: number;
  readonly placement: string;
  readonly title: string;
  readonly body: string;
  readonly ctaLabel: string;
  readonly ctaUrl: string;
  readonly locale: string;
  /** The neutral words, for who has not agreed to being profiled. */
  readonly transparent: boolean;
}

/** Whose session asks, and where in the application. */
export interface InAppSession {
  readonly profileId: number;
  readonly brand: string;
}

/** What somebody did with a message they saw; the column it is stamped in and the event it is. */
const HAPPENED = {
  shown: { column: 'shown_at', event: MESSAGE_EVENTS.shown },
  clicked: { column: 'clicked_at', event: MESSAGE_EVENTS.clicked },
  dismissed: { column: 'dismissed_at', event: MESSAGE_EVENTS.dismissed },
} as const;
export type InAppHappening = keyof typeof HAPPENED;

/** Whoever waves one message away sees no other for this long. */
const DISMISS_PAUSE_HOURS = 24;

/** Messages that wait in the application for somebody. */
export function createInAppStore(db: Pick<Db, 'identity'>) {
  const sql = db.identity;

  return {
    /** Safe to repeat: a delivery is one message, and what was already seen of it stays. */
    async publish(message: OutgoingInApp): Promise<void> {
      const { title, body, ctaLabel, ctaUrl, locale } = message;
      await sql`
        insert into identity.in_app_messages (delivery_id, profile_id, campaign_id, brand, placement, contexts, content,
          transparent, expires_at)
        values (${message.deliveryId}, ${message.profileId}, ${message.campaignId}, ${message.brand}, ${message.placement},
          ${[...message.contexts]}, ${sql.json({ title, body, ctaLabel, ctaUrl, locale })}, ${message.transparent},
          ${message.expiresAt})
        on conflict (delivery_id) do nothing`;
    },

    /**
     * The one message that waits longest for this person at this place, in a session of this context; null where there
     * is none, or within a day of any dismissal. What is asked again at this very moment: whether the consent it was
     * sent under still stands, and whether the person agrees to being profiled (else the neutral words are shown).
     */
    async next(
      session: InAppSession,
      placement: string,
      context: string | null,
    ): Promise<InAppMessage | null> {
      const [row] = await sql<(InAppMessage & { neutral: { title: string; body: string } | null })[]>`
        with profiled as materialized (
          select exists (
            select from consent_state where profile_id = ${session.profileId} and purpose = 'profiling' and granted
              and (expires_at is null or expires_at > clock_timestamp())
          ) as yes
        )
        select m.delivery_id as id, m.placement, m.content ->> 'title' as title, m.content ->> 'body' as body,
          m.content ->> 'ctaLabel' as "ctaLabel", m.content ->> 'ctaUrl' as "ctaUrl", m.content ->> 'locale' as locale,
          m.transparent or not profiled.yes as transparent,
          case when not profiled.yes then c.meta -> 'transparent' end as neutral
        from identity.in_app_messages m
        cross join profiled
        left join deliveries d on d.id = m.delivery_id
        left join creatives c on c.id = d.creative_id
        left join consent_events proof on proof.id = d.consent_event_id
        where m.profile_id = ${session.profileId} and m.placement = ${placement} and m.brand = ${session.brand}
          and (cardinality(m.contexts) = 0 or ${context}::text = any(m.contexts))
          and m.clicked_at is null and m.dismissed_at is null
          and (m.expires_at is null or m.expires_at > clock_timestamp())
          and (m.transparent or profiled.yes or c.meta ? 'transparent')
          and (proof.id is null or exists (
            select from consent_state s where s.profile_id = m.profile_id and s.purpose = proof.purpose
              and s.channel = proof.channel and s.granted and (s.expires_at is null or s.expires_at > clock_timestamp())))
          and not exists (
            select from identity.in_app_messages waved where waved.profile_id = m.profile_id
              and waved.dismissed_at > clock_timestamp() - make_interval(hours => ${DISMISS_PAUSE_HOURS}))
        order by m.published_at, m.delivery_id limit 1`;
      if (row === undefined) return null;
      const { neutral, ...message } = row;
      return neutral === null ? message : { ...message, title: neutral.title, body: neutral.body };
    },

    /** Stamped and told once each, of a message of this very session. Answers whether it is one. */
    async happened(
      session: InAppSession,
      deliveryId: number,
      what: InAppHappening,
      at: Date,
    ): Promise<boolean> {
      const { column, event } = HAPPENED[what];
      // The id a tracked link gives its click: the tap and the redirect it leads to are one click.
      const second = Math.floor(at.getTime() / 1_000);
      const eventId = what === 'clicked' ? `click.${deliveryId}.0.${second}` : `${what}.${deliveryId}`;
      return sql.begin(async (tx) => {
        const [known] = await tx<{ first: boolean }[]>`
          select ${tx(column)} is null as first from identity.in_app_messages
          where delivery_id = ${deliveryId} and profile_id = ${session.profileId} and brand = ${session.brand}
          for update`;
        if (known?.first === true) {
          await tx`update identity.in_app_messages set ${tx(column)} = ${at} where delivery_id = ${deliveryId}`;
          await tx`
            insert into events (id, profile_id, type, at, campaign_id, delivery_id, properties)
            select ${eventId}, d.profile_id, ${event}, ${at}, d.campaign_id, d.id,
              jsonb_build_object('step', d.step, 'arm', d.arm, 'channel', d.channel)
            from deliveries d where d.id = ${deliveryId}
            on conflict (id) do nothing`;
        }
        return known !== undefined;
      });
    },
  };
}

export type InAppStore = ReturnType<typeof createInAppStore>;
