import { MESSAGE_EVENTS } from '../domain/delivery/message-events';
import type { InAppSession, OutgoingInApp } from '../domain/delivery/ports';
import { NATURE_RULES } from '../domain/delivery/nature-rules';
import type { Db } from './db';
import { natureOfStep } from './step-nature-sql';

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

/** What somebody did with a message they saw; the column it is stamped in and the event it is. */
const HAPPENED = {
  shown: { column: 'shown_at', event: MESSAGE_EVENTS.shown },
  clicked: { column: 'clicked_at', event: MESSAGE_EVENTS.clicked },
  dismissed: { column: 'dismissed_at', event: MESSAGE_EVENTS.dismissed },
} as const;
export type InAppHappening = keyof typeof HAPPENED;

/** Whoever waves one message away sees no other for this long. */
export const DISMISS_PAUSE_HOURS = 24;

/** What the gate asks of consent, by nature. */
const CONSENTS = Object.entries(NATURE_RULES).flatMap(([nature, { consent }]) =>
  consent === null ? [] : [{ nature, ...consent }],
);

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
     * is none, or within a day of any dismissal. What is asked again at this very moment: whether its campaign has been
     * aborted, whether the person still may get a message of its nature here, as the gate asks it, and whether they agree
     * to being profiled (else the neutral words are shown).
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
        ),
        needed as materialized (
          select * from json_to_recordset(${JSON.stringify(CONSENTS)}::text::json) as x(nature text, purpose text, kind text)
        )
        select m.delivery_id as id, m.placement, m.content ->> 'title' as title, m.content ->> 'body' as body,
          m.content ->> 'ctaLabel' as "ctaLabel", m.content ->> 'ctaUrl' as "ctaUrl", m.content ->> 'locale' as locale,
          m.transparent or not profiled.yes as transparent,
          case when not profiled.yes then c.meta -> 'transparent' end as neutral
        from identity.in_app_messages m
        cross join profiled
        left join deliveries d on d.id = m.delivery_id
        left join creatives c on c.id = d.creative_id
        left join campaigns campaign on campaign.id = m.campaign_id
        left join needed on d.id is not null and needed.nature = ${natureOfStep(sql, sql`campaign.scenario`, sql`d.step`)}
        left join consent_state said on said.profile_id = m.profile_id and said.purpose = needed.purpose and said.channel = 'in-app'
        where m.profile_id = ${session.profileId} and m.placement = ${placement} and m.brand = ${session.brand}
          and (cardinality(m.contexts) = 0 or ${context}::text = any(m.contexts))
          and m.clicked_at is null and m.dismissed_at is null
          and (m.expires_at is null or m.expires_at > clock_timestamp())
          and (m.transparent or profiled.yes or c.meta ? 'transparent')
          and campaign.hold is distinct from 'aborted'
          and case needed.kind
            when 'opt-in' then coalesce(said.granted and coalesce(said.expires_at, 'infinity') > clock_timestamp(), false)
            when 'opt-out' then coalesce(said.granted, true)
            else true end
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
