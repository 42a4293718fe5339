import type postgres from 'postgres';
import type { ConsentAction, Evidence, LegalBasis } from '../domain/consent/consent';
import type { Sql, Tx } from './db';
import { toWebhooks } from './webhook-enqueue';

/** A row of consent_events to be. `at` null: the source does not say when; `fallbackAt` stands in for it. */
export interface ConsentRow {
  readonly profileId: number;
  /** The identity it came with, where that one is merged into the profile. */
  readonly originalId?: number | null;
  readonly purpose: string;
  readonly channel: string;
  readonly action: ConsentAction;
  readonly at: string | null;
  readonly fallbackAt: string;
  readonly expiresAt: string | null;
  readonly source: string;
  readonly externalId?: string | null;
  readonly legalBasis?: LegalBasis;
  readonly wordingSha256: string | null;
  readonly locale: string | null;
  readonly evidence: Evidence;
  readonly recordedBy: string;
}

/** A consent to end now. */
export interface ConsentEnd {
  readonly profileId: number;
  readonly purpose: string;
  readonly channel: string;
  readonly action: 'withdrawn' | 'objected';
  readonly source: string;
  readonly evidence: Evidence;
  readonly recordedBy: string;
}

/**
 * Appends consent events and brings consent_state up to them in the same statement, whatever order they come in. What
 * is on record already, word for word or by its external id, is not appended again; and a grant without a date never
 * lifts a refusal or withdrawal, since nobody knows which came first. Answers how many were appended.
 */
export async function appendConsentRows(sql: Sql | Tx, rows: readonly ConsentRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const said = [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()].map((row, ordinal) => ({
    ordinal,
    profile_id: row.profileId,
    original_id: row.originalId ?? null,
    purpose: row.purpose,
    channel: row.channel,
    action: row.action,
    dated: row.at !== null,
    at: row.at ?? row.fallbackAt,
    expires_at: row.expiresAt,
    source: row.source,
    external_id: row.externalId ?? null,
    legal_basis: row.legalBasis ?? 'consent',
    wording_sha256: row.wordingSha256,
    locale: row.locale,
    evidence: row.evidence,
    recorded_by: row.recordedBy,
  }));
  const [answer] = await sql<{ appended: number }[]>`
    with said as (
      select * from json_to_recordset(${JSON.stringify(said)}::text::json) as x(ordinal int, profile_id bigint, original_id bigint, purpose text,
        channel text, action text, dated boolean, at timestamptz, expires_at timestamptz, source text, external_id text,
        legal_basis text, wording_sha256 text, locale text, evidence jsonb, recorded_by text)
    ), appended as (
      insert into consent_events (profile_id, original_id, purpose, channel, action, at, expires_at, source, external_id,
        legal_basis, wording_sha256, locale, evidence, recorded_by)
      select profile_id, original_id, purpose, channel, action, at, expires_at, source, external_id, legal_basis, wording_sha256, locale,
        evidence, recorded_by
      from said s
      where not exists (
          select from consent_events e
          where e.profile_id = s.profile_id and e.purpose = s.purpose and e.channel = s.channel and e.action = s.action
            and e.source = s.source and e.wording_sha256 is not distinct from s.wording_sha256
            and e.expires_at is not distinct from s.expires_at and (not s.dated or e.at = s.at))
        and not (s.action = 'granted' and not s.dated and exists (
          select from consent_state c
          where c.profile_id = s.profile_id and c.purpose = s.purpose and c.channel = s.channel and not c.granted))
      order by ordinal
      on conflict (source, external_id) where external_id is not null do nothing
      returning id, profile_id, purpose, channel, action, at, expires_at, source
    ), ${stateAndTold(sql)}
    select count(*) as appended from appended`;
  return answer?.appended ?? 0;
}

/**
 * Ends consents as of now: not where they were refused or withdrawn already, but an objection is put on record beside a
 * withdrawal. Answers how many events that made.
 */
export async function endConsents(sql: Sql | Tx, ends: readonly ConsentEnd[]): Promise<number> {
  if (ends.length === 0) return 0;
  const said = ends.map((end) => ({
    profile_id: end.profileId,
    purpose: end.purpose,
    channel: end.channel,
    action: end.action,
    source: end.source,
    evidence: end.evidence,
    recorded_by: end.recordedBy,
  }));
  const [answer] = await sql<{ appended: number }[]>`
    with said as (
      select * from json_to_recordset(${JSON.stringify(said)}::text::json) as x(profile_id bigint, purpose text, channel text,
        action text, source text, evidence jsonb, recorded_by text)
    ), appended as (
      insert into consent_events (profile_id, purpose, channel, action, at, source, evidence, recorded_by)
      -- A grant dated ahead of our clock must not outlive its withdrawal: the later of both times.
      select s.profile_id, s.purpose, s.channel, s.action, greatest(clock_timestamp(), c.at), s.source, s.evidence, s.recorded_by
      from said s
      left join consent_state c on c.profile_id = s.profile_id and c.purpose = s.purpose and c.channel = s.channel
      left join consent_events e on e.id = c.event_id
      where coalesce(c.granted, true) or (s.action = 'objected' and e.action is distinct from 'objected')
      order by s.profile_id, s.purpose, s.channel
      returning id, profile_id, purpose, channel, action, at, expires_at, source
    ), ${stateAndTold(sql)}
    select count(*) as appended from appended`;
  return answer?.appended ?? 0;
}

/**
 * From `appended` to consent_state, by the rule of `replayConsents`: the latest holds, of two at the same instant a no.
 * And to the subscribers of withdrawals, where it made a yes (or nothing yet) a no: `before` is read as it stood when
 * the statement began.
 */
const stateAndTold = (sql: Sql | Tx): postgres.Fragment => sql`
    derived as (
      insert into consent_state as c (profile_id, purpose, channel, granted, expires_at, event_id, at)
      select distinct on (profile_id, purpose, channel)
        profile_id, purpose, channel, action = 'granted', case when action = 'granted' then expires_at end, id, at
      from appended where action <> 'requested'
      order by profile_id, purpose, channel, at desc, action = 'granted', id desc
      on conflict (profile_id, purpose, channel) do update
        set granted = excluded.granted, expires_at = excluded.expires_at, event_id = excluded.event_id, at = excluded.at
        where (excluded.at, not excluded.granted, excluded.event_id) > (c.at, not c.granted, c.event_id)
      returning c.event_id
    ), told as (
      select 'consent.' || a.id as event_id, jsonb_build_object('eventId', a.id, 'profileId', a.profile_id,
        'purpose', a.purpose, 'channel', a.channel, 'action', a.action,
        'at', to_char(a.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'source', a.source) as payload
      from derived d join appended a on a.id = d.event_id
      left join consent_state before
        on before.profile_id = a.profile_id and before.purpose = a.purpose and before.channel = a.channel
      where a.action in ('withdrawn', 'refused', 'objected') and coalesce(before.granted, true)
    ), outgoing as (${toWebhooks(sql, 'consent.withdrawn')})`;
