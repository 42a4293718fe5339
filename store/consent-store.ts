import { createHash } from 'node:crypto';
import {
  CONTACT_PURPOSES,
  MARKETING_PURPOSES,
  type ConsentAction,
  type ConsentEvent,
  type Evidence,
  type MarketingPurpose,
} from '../domain/consent/consent';
import type { ConsentState } from '../domain/consent/replay';
import { CHANNELS, type Channel, type Purpose } from '../domain/shared/words';
import { appendConsentRows, endConsents, type ConsentRow } from './consent-append';
import type { Sql, Tx } from './db';
import { suppressProfile } from './suppressions-append';

/** An event as it was recorded, with its proof. */
export interface RecordedEvent {
  readonly id: number;
  readonly purpose: string;
  readonly channel: string;
  readonly action: ConsentAction;
  readonly legalBasis: string;
  readonly at: Date;
  readonly expiresAt: Date | null;
  readonly source: string;
  readonly externalId: string | null;
  readonly wordingSha256: string | null;
  readonly locale: string | null;
  readonly evidence: Evidence;
  readonly recordedBy: string;
  readonly recordedAt: Date;
}

/** Who ends something, and what proves it. */
interface Said {
  readonly profileId: number;
  readonly source: string;
  readonly recordedBy: string;
  /** Ids and codes only. */
  readonly evidence?: Evidence;
}

export interface Withdrawal extends Said {
  readonly purpose: Purpose;
  readonly channel: Channel;
}

export interface ChannelWithdrawal extends Said {
  readonly channel: Channel;
}

export interface Objection extends Said {
  /** All marketing purposes where left out. */
  readonly purposes?: readonly MarketingPurpose[];
  /** All channels where left out. */
  readonly channels?: readonly Channel[];
  /** Scope their addresses are suppressed in as well: `global`, `brand:<key>`. */
  readonly suppress?: string;
}

/** What people agreed to, as they said it and as it stands. */
export function createConsentStore(sql: Sql) {
  return {
    /** Appends events and derives the state; answers how many were new. */
    append: (events: readonly ConsentEvent[]): Promise<number> =>
      appendConsentRows(sql, events.map(consentRow)),

    /** Ends a consent as of now; answers false where it was refused or withdrawn already. */
    withdraw: async ({ evidence = {}, ...said }: Withdrawal): Promise<boolean> =>
      (await endConsents(sql, [{ ...said, evidence, action: 'withdrawn' }])) > 0,

    /**
     * No marketing by this channel any more (STOP by SMS): withdraws every marketing purpose on it, as of now. Messages
     * of service go on. Answers how many consents that ended.
     */
    withdrawChannel: ({ evidence = {}, ...said }: ChannelWithdrawal): Promise<number> =>
      endConsents(
        sql,
        CONTACT_PURPOSES.map((purpose) => ({ ...said, purpose, evidence, action: 'withdrawn' })),
      ),

    /**
     * An objection, to everything or to the purposes and channels named, and where asked their addresses suppressed, in
     * one transaction. Answers how many events and suppressions that made.
     */
    objectEverything: async (objection: Objection): Promise<{ events: number; suppressed: number }> => {
      const {
        purposes = MARKETING_PURPOSES,
        channels = CHANNELS,
        suppress,
        evidence = {},
        ...said
      } = objection;
      return sql.begin(async (tx) => ({
        events: await endConsents(
          tx,
          purposes.flatMap((purpose) =>
            channels.map((channel) => ({ ...said, purpose, channel, evidence, action: 'objected' as const })),
          ),
        ),
        suppressed:
          suppress === undefined
            ? 0
            : await suppressProfile(tx, { ...said, channels, scope: suppress, reason: 'objection' }),
      }));
    },

    /** What holds for a profile, by purpose and channel. */
    of: (profileId: number): Promise<ConsentState[]> => consentStates(sql, profileId),

    /** Everything a profile has said, in the order it was recorded. null: no such profile. */
    async history(profileId: number): Promise<RecordedEvent[] | null> {
      const rows = await sql<RecordedEvent[]>`
        select id, purpose, channel, action, legal_basis as "legalBasis", at, expires_at as "expiresAt", source,
          external_id as "externalId", wording_sha256 as "wordingSha256", locale, evidence, recorded_by as "recordedBy",
          recorded_at as "recordedAt"
        from consent_events where profile_id = ${profileId} order by id`;
      if (rows.length > 0) return [...rows];
      const [known] = await sql`select from profiles where id = ${profileId}`;
      return known === undefined ? null : [];
    },

    async wording(sha256: string): Promise<(Wording & { readonly createdAt: Date }) | null> {
      const [row] = await sql<(Wording & { createdAt: Date })[]>`
        select sha256, wording as text, locale, created_at as "createdAt" from consent_wordings where sha256 = ${sha256}`;
      return row ?? null;
    },
  };
}

export type ConsentStore = ReturnType<typeof createConsentStore>;

export async function consentStates(sql: Sql | Tx, profileId: number): Promise<ConsentState[]> {
  const rows = await sql<ConsentState[]>`
    select purpose, channel, granted, expires_at as "expiresAt", at, event_id as "eventId"
    from consent_state where profile_id = ${profileId} order by purpose collate "C", channel collate "C"`;
  return [...rows];
}

/** The exact words somebody was shown. `sha256` is over them in UTF-8, in hex. */
export interface Wording {
  readonly sha256: string;
  readonly text: string;
  readonly locale: string;
}

export const wordingOf = (text: string, locale: string): Wording => ({
  sha256: createHash('sha256').update(text, 'utf8').digest('hex'),
  text,
  locale,
});

export async function keepWordings(sql: Sql | Tx, wordings: readonly Wording[]): Promise<void> {
  const distinct = [...new Map(wordings.map((wording) => [wording.sha256, wording])).values()];
  if (distinct.length === 0) return;
  await sql`
    insert into consent_wordings (sha256, wording, locale)
    select * from unnest(${distinct.map((w) => w.sha256)}::text[], ${distinct.map((w) => w.text)}::text[],
      ${distinct.map((w) => w.locale)}::text[])
    order by 1
    on conflict (sha256) do nothing`;
}

export const consentRow = (event: ConsentEvent): ConsentRow => ({
  profileId: event.profileId,
  purpose: event.purpose,
  channel: event.channel,
  action: event.action,
  at: event.at,
  fallbackAt: event.at,
  expiresAt: event.expiresAt ?? null,
  source: event.source,
  externalId: event.externalId ?? null,
  legalBasis: event.legalBasis ?? 'consent',
  wordingSha256: event.wordingSha256 ?? null,
  locale: event.locale ?? null,
  evidence: event.evidence ?? {},
  recordedBy: event.recordedBy,
});
