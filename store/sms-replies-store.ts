import { MESSAGE_EVENTS } from '../domain/delivery/message-events';
import { normalisePhone } from '../domain/profiles/phone';
import type { SmsWord } from '../domain/delivery/sms-word';
import { createConsentStore } from './consent-store';
import type { Sql } from './db';
import { fingerprint } from './fingerprint';

export interface SmsReply {
  /** The provider's own id of it. */
  readonly id: string;
  readonly at: Date;
  /** The sender's number. */
  readonly from: string;
  readonly word: SmsWord;
}

/** In whose name the person was last written to; null: nobody is known by this number, or they never were. */
export interface ReplyTo {
  readonly brand: string;
  readonly locale: string;
}

/** What people answer to SMS. Their words are not kept: only which of ours they were understood as. */
export function createSmsRepliesStore(sql: Sql, pepper: string) {
  const consents = createConsentStore(sql);

  const personOf = async (from: string): Promise<number | null> => {
    const phone = normalisePhone(from);
    if (!phone.ok) return null;
    const [row] = await sql<{ profile_id: number }[]>`
      select profile_id from profile_keys where kind = 'phone' and hash = ${fingerprint(pepper, 'phone', phone.value)}`;
    return row?.profile_id ?? null;
  };

  /** The message they most likely answer: their latest. */
  const latestSms = async (profileId: number) => {
    const [row] = await sql<{ id: number; campaign_id: string; brand: string; locale: string }[]>`
      select d.id, d.campaign_id, c.scenario->>'brand' as brand, c.scenario->>'locale' as locale
      from deliveries d join campaigns c on c.id = d.campaign_id
      where d.profile_id = ${profileId} and d.channel = 'sms' and d.state in ('accepted', 'uncertain', 'sending')
      order by d.id desc limit 1`;
    return row ?? null;
  };

  return {
    /** Safe to repeat: the same reply is one event, and what is withdrawn stays so. */
    async receive({ id, at, from, word }: SmsReply): Promise<ReplyTo | null> {
      const profileId = await personOf(from);
      if (profileId === null) return null;
      const message = await latestSms(profileId);
      if (word === 'stop') {
        await consents.withdrawChannel({
          profileId,
          channel: 'sms',
          source: 'sms-stop',
          recordedBy: 'recipient',
          evidence: { reply: id, ...(message === null ? {} : { deliveryId: message.id }) },
        });
      }
      const eventId = word !== 'stop' ? `reply.sms.${id}` : `unsubscribe.${message?.id ?? `sms.${id}`}`;
      await sql`
        insert into events (id, profile_id, type, at, campaign_id, delivery_id, properties)
        values (${eventId}, ${profileId}, ${word === 'stop' ? MESSAGE_EVENTS.unsubscribed : MESSAGE_EVENTS.replied}, ${at},
          ${message?.campaign_id ?? null}, ${message?.id ?? null},
          jsonb_build_object('via', 'sms', 'word', ${word}::text, 'channel', 'sms')
            || coalesce((select jsonb_build_object('step', step, 'arm', arm) from deliveries where id = ${message?.id ?? null}), '{}'))
        on conflict (id) do nothing`;
      return message === null ? null : { brand: message.brand, locale: message.locale };
    },
  };
}

export type SmsRepliesStore = ReturnType<typeof createSmsRepliesStore>;
