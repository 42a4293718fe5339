import { suppressionScopes } from '../../domain/delivery/suppression-scopes';
import type { Sql } from '../db';
import type { GateTerms } from './wave-terms';

/**
 * The gate, as common table expressions over one named `person (profile_id, …)`: it judges everybody in it at this
 * moment and leaves `verdict`: the person's columns and
 *   reason           null: allowed; else the first that applied, or `cap:<key>`
 *   not_before       set where a cap leaves a slot before the deadline: put off until then, not refused
 *   consent_event_id the proof that allowed it
 *   open_pixel       whether this person agreed to having opens seen
 * Times are those of the statement, which must come after the people's rows were locked: the count of contacts has
 * to see what another campaign reserved while we waited.
 */
export const gateCtes = (sql: Sql, terms: GateTerms) => sql`
  cap_rule as materialized (
    select key, (definition->>'limit')::int as slots,
      make_interval(secs => (definition->>'windowDays')::float8 * 86400) as span,
      definition->>'channel' as channel, definition->>'department' as department
    from policies
    where kind = 'cap' and ${terms.rule.caps} and definition->>'nature' = ${terms.nature}
      and coalesce(definition->>'channel', ${terms.channels[0] ?? null}) = ${terms.channels[0] ?? null}
      and coalesce(definition->>'department', ${terms.department}) = ${terms.department}
  ),
  -- The limit-th youngest contact of the window blocks until it leaves it; of several caps the longest one rules.
  capped as materialized (
    select distinct on (p.profile_id) p.profile_id, r.key, x.at + r.span as slot_at
    from person p cross join cap_rule r cross join lateral (
      select c.at from contacts c
      where c.profile_id = p.profile_id and c.at > statement_timestamp() - r.span and c.nature = ${terms.nature}
        and (r.channel is null or c.channel = r.channel) and (r.department is null or c.department = r.department)
        and (c.campaign_id, c.step) is distinct from (${terms.campaignId}, ${terms.step})
      order by c.at desc offset r.slots - 1 limit 1
    ) x
    order by p.profile_id, x.at + r.span desc
  ),
  judged as materialized (
    select p.*, k.key as cap_key, k.slot_at, cs.event_id as consent_event_id,
      coalesce(px.granted and (px.expires_at is null or px.expires_at > statement_timestamp()), false) as open_pixel,
      case
        when pr.email_fp is null then 'unreachable'
        when exists (
          select from suppressions s where s.fingerprint = pr.email_fp and s.scope = any(${suppressionScopes(terms.brand)}::text[])) then 'suppressed'
        when ${terms.rule.consent?.kind ?? null}::text = 'opt-in' and not coalesce(cs.granted, false) then 'no-consent'
        when ${terms.rule.consent?.kind ?? null}::text = 'opt-out' and not coalesce(cs.granted, true) then 'no-consent'
        when ${terms.rule.consent?.kind ?? null}::text = 'opt-in' and cs.expires_at <= statement_timestamp() then 'consent-expired'
        when 'email' = any(pr.doubtful) then 'doubtful'
        when ${terms.deadlineAt} <= statement_timestamp() then 'deadline'
      end as refusal
    from person p
    join profiles pr on pr.id = p.profile_id
    left join consent_state cs
      on cs.profile_id = p.profile_id and cs.purpose = ${terms.rule.consent?.purpose ?? null}::text and cs.channel = ${terms.channels[0] ?? null}
    left join consent_state px
      on px.profile_id = p.profile_id and px.purpose = 'email-open-tracking' and px.channel = ${terms.channels[0] ?? null}
    left join capped k on k.profile_id = p.profile_id
  ),
  verdict as materialized (
    select j.*, coalesce(j.refusal, 'cap:' || j.cap_key) as reason,
      case when j.refusal is null and j.slot_at < ${terms.deadlineAt} then j.slot_at end as not_before
    from judged j
  )`;
