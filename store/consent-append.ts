import type { ConsentAction } from '../domain/consent/consent';
import type { Sql, Tx } from './db';

/** A row of consent_events to be. `at` null: the source does not say when; `fallbackAt` stands in for it. */
export interface ConsentRow {
  readonly profileId: number;
  readonly purpose: string;
  readonly channel: string;
  readonly action: ConsentAction;
  readonly at: string | null;
  readonly fallbackAt: string;
  readonly expiresAt: string | null;
  readonly source: string;
  readonly wordingSha256: string | null;
  readonly locale: string | null;
  readonly evidence: Readonly<Record<string, string | number | boolean>>;
  readonly recordedBy: string;
}

/**
 * Appends consent events and brings consent_state up to them in the same statement: the latest by (at, id) holds,
 * whatever order they come in. What is on record already, word for word, is not appended again; and a grant without
 * a date never lifts a refusal or withdrawal, since nobody knows which came first. Answers how many were appended.
 */
export async function appendConsentRows(sql: Sql | Tx, rows: readonly ConsentRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const said = [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()].map((row, ordinal) => ({
    ordinal,
    profile_id: row.profileId,
    purpose: row.purpose,
    channel: row.channel,
    action: row.action,
    dated: row.at !== null,
    at: row.at ?? row.fallbackAt,
    expires_at: row.expiresAt,
    source: row.source,
    wording_sha256: row.wordingSha256,
    locale: row.locale,
    evidence: row.evidence,
    recorded_by: row.recordedBy,
  }));
  const [answer] = await sql<{ appended: number }[]>`
    with said as (
      select * from json_to_recordset(${JSON.stringify(said)}::text::json) as x(ordinal int, profile_id bigint, purpose text,
        channel text, action text, dated boolean, at timestamptz, expires_at timestamptz, source text,
        wording_sha256 text, locale text, evidence jsonb, recorded_by text)
    ), appended as (
      insert into consent_events (profile_id, purpose, channel, action, at, expires_at, source, wording_sha256, locale,
        evidence, recorded_by)
      select profile_id, purpose, channel, action, at, expires_at, source, wording_sha256, locale, evidence, recorded_by
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
      returning id, profile_id, purpose, channel, action, at, expires_at
    ), derived as (
      insert into consent_state as c (profile_id, purpose, channel, granted, expires_at, event_id, at)
      select distinct on (profile_id, purpose, channel)
        profile_id, purpose, channel, action = 'granted', expires_at, id, at
      from appended
      order by profile_id, purpose, channel, at desc, id desc
      on conflict (profile_id, purpose, channel) do update
        set granted = excluded.granted, expires_at = excluded.expires_at, event_id = excluded.event_id, at = excluded.at
        where (excluded.at, excluded.event_id) > (c.at, c.event_id)
    )
    select count(*) as appended from appended`;
  return answer?.appended ?? 0;
}
