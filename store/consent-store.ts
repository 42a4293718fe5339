import type { ConsentEvent } from '../domain/consent/consent';
import type { Channel, Purpose } from '../domain/shared/words';
import { appendConsentRows } from './consent-append';
import type { Sql } from './db';

export interface ConsentState {
  readonly purpose: string;
  readonly channel: string;
  readonly granted: boolean;
  /** ISO 8601, null: no end. */
  readonly expiresAt: string | null;
  readonly at: string;
  readonly eventId: number;
}

export interface Withdrawal {
  readonly profileId: number;
  readonly purpose: Purpose;
  readonly channel: Channel;
  readonly source: string;
  readonly recordedBy: string;
  /** Ids and codes only. */
  readonly evidence?: Readonly<Record<string, string | number | boolean>>;
}

export interface ConsentStore {
  /** Appends events and derives the state; answers how many were new. */
  append(events: readonly ConsentEvent[]): Promise<number>;
  /** Ends a consent as of now; answers false where it was refused or withdrawn already. */
  withdraw(withdrawal: Withdrawal): Promise<boolean>;
  /** What a profile has said, by purpose and channel. */
  of(profileId: number): Promise<ConsentState[]>;
}

export function createConsentStore(sql: Sql): ConsentStore {
  return {
    append: (events) =>
      appendConsentRows(
        sql,
        events.map((e) => ({
          profileId: e.profileId,
          purpose: e.purpose,
          channel: e.channel,
          action: e.action,
          at: e.at,
          fallbackAt: e.at,
          expiresAt: e.expiresAt ?? null,
          source: e.source,
          wordingSha256: e.wordingSha256 ?? null,
          locale: e.locale ?? null,
          evidence: e.evidence ?? {},
          recordedBy: e.recordedBy,
        })),
      ),

    withdraw: async ({ profileId, purpose, channel, source, recordedBy, evidence }) => {
      // A grant dated ahead of our clock must not outlive the withdrawal: the later of both times, and the higher id.
      const rows = await sql`
        with known as (
          select granted, at from consent_state
          where profile_id = ${profileId} and purpose = ${purpose} and channel = ${channel}
        ), appended as (
          insert into consent_events (profile_id, purpose, channel, action, at, source, evidence, recorded_by)
          select ${profileId}, ${purpose}, ${channel}, 'withdrawn', greatest(now(), (select at from known)), ${source},
            ${JSON.stringify(evidence ?? {})}::text::jsonb, ${recordedBy}
          where not exists (select from known where not granted)
          returning id, at
        )
        insert into consent_state as c (profile_id, purpose, channel, granted, expires_at, event_id, at)
        select ${profileId}, ${purpose}, ${channel}, false, null, id, at from appended
        on conflict (profile_id, purpose, channel) do update
          set granted = false, expires_at = null, event_id = excluded.event_id, at = greatest(excluded.at, c.at)
        returning c.event_id`;
      return rows.length > 0;
    },

    of: async (profileId) => {
      const rows = await sql<
        {
          purpose: string;
          channel: string;
          granted: boolean;
          expires_at: Date | null;
          at: Date;
          event_id: number;
        }[]
      >`
        select purpose, channel, granted, expires_at, at, event_id from consent_state
        where profile_id = ${profileId} order by purpose, channel`;
      return rows.map((r) => ({
        purpose: r.purpose,
        channel: r.channel,
        granted: r.granted,
        expiresAt: r.expires_at?.toISOString() ?? null,
        at: r.at.toISOString(),
        eventId: r.event_id,
      }));
    },
  };
}
