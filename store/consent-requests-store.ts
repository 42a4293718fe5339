import { createHash, randomBytes } from 'node:crypto';
import type { Channel, Purpose } from '../domain/shared/words';
import { appendConsentRows } from './consent-append';
import { keepWordings, wordingOf } from './consent-store';
import type { Sql } from './db';

export interface NewConsentRequest {
  readonly profileId: number;
  readonly purpose: Purpose;
  readonly channel: Channel;
  readonly brand: string;
  /** The words the person is asked to agree to. */
  readonly wording: string;
  readonly locale: string;
  readonly source: string;
  readonly recordedBy: string;
}

/** What the page behind the link shows. */
export interface AskedConsent {
  readonly standing: 'open' | 'used' | 'expired';
  readonly purpose: Purpose;
  readonly channel: Channel;
  readonly brand: string;
  readonly locale: string;
  readonly wording: string;
}

/** A link is good for a week. */
const DAYS = 7;
/** 256 bits, 43 characters. */
const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

const digest = (token: string): Buffer => createHash('sha256').update(token, 'utf8').digest();

/**
 * Double opt-in: asked, not yet given. The token is in the message alone, its SHA-256 here, so that who reads the table
 * can confirm nothing.
 */
export function createConsentRequestsStore(sql: Sql) {
  return {
    /** A request and the token of its link. Nothing is on record of it before `sent`. */
    async open(
      request: NewConsentRequest,
    ): Promise<{ readonly id: string; readonly token: string; readonly expiresAt: Date }> {
      const id = `q${randomBytes(8).toString('hex')}`;
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const wording = wordingOf(request.wording, request.locale);
      await keepWordings(sql, [wording]);
      const [row] = await sql<{ expires_at: Date }[]>`
        insert into consent_requests (id, profile_id, purpose, channel, brand, wording_sha256, locale, source, recorded_by,
          token_sha256, expires_at)
        values (${id}, ${request.profileId}, ${request.purpose}, ${request.channel}, ${request.brand}, ${wording.sha256},
          ${request.locale}, ${request.source}, ${request.recordedBy}, ${digest(token)}, now() + make_interval(days => ${DAYS}))
        returning expires_at`;
      if (row === undefined) throw new Error('an insert answers its row');
      return { id, token, expiresAt: row.expires_at };
    },

    /** The message that carries the link is on its way: the request is on record, changing no state. */
    async sent(id: string, messageId: string): Promise<void> {
      await sql.begin(async (tx) => {
        const [row] = await tx<RequestRow[]>`
          update consent_requests set message_id = ${messageId} where id = ${id}
          returning id, profile_id, purpose, channel, wording_sha256, locale, source, recorded_by, requested_at as at,
            message_id`;
        if (row !== undefined) await appendConsentRows(tx, [recordOf(row, 'requested', row.source)]);
      });
    },

    /** No message could be sent for it. */
    async drop(id: string): Promise<void> {
      await sql`delete from consent_requests where id = ${id} and message_id is null and confirmed_at is null`;
    },

    /** What a link asks; null: no such link. */
    async look(token: string): Promise<AskedConsent | null> {
      if (!TOKEN.test(token)) return null;
      const [row] = await sql<AskedConsent[]>`
        select case when q.confirmed_at is not null then 'used' when q.expires_at <= clock_timestamp() then 'expired'
          else 'open' end as standing, q.purpose, q.channel, coalesce(q.brand, '') as brand, coalesce(q.locale, 'fr') as locale,
          coalesce(w.wording, '') as wording
        from consent_requests q left join consent_wordings w on w.sha256 = q.wording_sha256
        where q.token_sha256 = ${digest(token)}`;
      return row ?? null;
    },

    /** Gives the consent that was asked for. Once: answers whether it was this call that did. */
    async confirm(token: string): Promise<boolean> {
      if (!TOKEN.test(token)) return false;
      return sql.begin(async (tx) => {
        const [row] = await tx<RequestRow[]>`
          update consent_requests set confirmed_at = clock_timestamp()
          where token_sha256 = ${digest(token)} and confirmed_at is null and expires_at > clock_timestamp()
          returning id, profile_id, purpose, channel, wording_sha256, locale, source, recorded_by, confirmed_at as at,
            message_id`;
        if (row === undefined) return false;
        await appendConsentRows(tx, [recordOf(row, 'granted', 'double-opt-in')]);
        return true;
      });
    },
  };
}

export type ConsentRequestsStore = ReturnType<typeof createConsentRequestsStore>;

interface RequestRow {
  readonly id: string;
  readonly profile_id: number;
  readonly purpose: string;
  readonly channel: string;
  readonly wording_sha256: string | null;
  readonly locale: string | null;
  readonly source: string;
  readonly recorded_by: string;
  readonly at: Date;
  readonly message_id: string | null;
}

const recordOf = (row: RequestRow, action: 'requested' | 'granted', source: string) => ({
  profileId: row.profile_id,
  purpose: row.purpose,
  channel: row.channel,
  action,
  at: row.at.toISOString(),
  fallbackAt: row.at.toISOString(),
  expiresAt: null,
  source,
  // One request is asked once and confirmed once, whatever repeats the call.
  externalId: `${row.id}.${action}`,
  wordingSha256: row.wording_sha256,
  locale: row.locale,
  evidence: { request: row.id, ...(row.message_id === null ? {} : { message: row.message_id }) },
  recordedBy: action === 'granted' ? 'recipient' : row.recorded_by,
});
