import type postgres from 'postgres';
import { letterKindOn } from '../../domain/delivery/letter-kind';
import { suppressionScopes } from '../../domain/delivery/suppression-scopes';
import type { Channel } from '../../domain/shared/words';
import type { Sql, Tx } from '../db';
import { FINGERPRINT_COLUMN } from '../fingerprint-column';
import { within, type Span } from './span';
import type { StepTerms } from './wave-terms';

type Fragment = postgres.Fragment;

/** What the gate asks about a channel: joins beside `q (profile_id, channel)` and `p`, the profile; and `when … then`s. */
interface ChannelChecks {
  readonly joins: Fragment;
  readonly refusals: Fragment;
  readonly openPixel: Fragment;
}

/**
 * Whether somebody can be reached by a channel, may be, and has agreed to it. With one channel the columns are named
 * outright; with several each row's own channel picks its column.
 */
export function channelChecks(sql: Sql | Tx, terms: StepTerms, span: Span): ChannelChecks {
  const { rule, channels } = terms;
  const lre = channels.includes('e-letter') && letterKindOn('e-letter', terms.letterKind) === 'lre';
  const consentOf = (alias: 'cs' | 'el' | 'px', purpose: string): Fragment => {
    const person = sql`${sql(`${alias}.profile_id`)}`;
    return sql`left join consent_state ${sql(alias)} on ${person} = q.profile_id and ${within(sql, person, span)} and ${sql(`${alias}.purpose`)} = ${purpose}`;
  };
  const email = channels.includes('email');
  const fingerprint = byChannel(sql, channels, (channel) => {
    const column = FINGERPRINT_COLUMN[channel];
    return column === null ? null : sql`p.${sql(column)}`;
  });
  return {
    joins: sql`
    ${rule.consent === null ? sql`` : sql`${consentOf('cs', rule.consent.purpose)} and cs.channel = q.channel`}
    ${lre ? sql`${consentOf('el', 'registered-e-letter')} and el.channel = 'e-letter'` : sql``}
    ${email ? sql`${consentOf('px', 'email-open-tracking')} and px.channel = 'email'` : sql``}`,
    refusals: sql`
        ${unreachable(sql, channels, fingerprint)}
        ${fingerprint === null ? sql`` : sql`when exists (select from suppressions s where s.fingerprint = ${fingerprint} and s.scope = any(${suppressionScopes(terms.brand)}::text[])) then 'suppressed'`}
        ${refused(sql, terms)}
        ${
          lre
            ? sql`when q.channel = 'e-letter' and not coalesce(el.granted, false) then 'no-consent'
        when q.channel = 'e-letter' and el.expires_at <= statement_timestamp() then 'consent-expired'`
            : sql``
        }
        ${email ? sql`when q.channel = 'email' and 'email' = any(p.doubtful) then 'doubtful'` : sql``}`,
    openPixel: email
      ? sql`coalesce(q.channel = 'email' and px.granted and (px.expires_at is null or px.expires_at > statement_timestamp()), false)`
      : sql`false`,
  };
}

/** Without a proof of its own; an electronic registered letter stands on the consent to be served that way. */
export const consentEvent = (sql: Sql | Tx, { rule, channels, letterKind }: StepTerms): Fragment => {
  const lre = channels.includes('e-letter') && letterKindOn('e-letter', letterKind) === 'lre';
  const served = lre ? sql`case when q.channel = 'e-letter' then el.event_id end` : sql`null::bigint`;
  if (rule.consent === null) return served;
  return lre ? sql`coalesce(cs.event_id, ${served})` : sql`cs.event_id`;
};

function refused(sql: Sql | Tx, { rule: { consent } }: StepTerms): Fragment {
  if (consent === null) return sql``;
  if (consent.kind === 'opt-out') return sql`when not coalesce(cs.granted, true) then 'no-consent'`;
  return sql`when not coalesce(cs.granted, false) then 'no-consent'
        when cs.expires_at <= statement_timestamp() then 'consent-expired'`;
}

/** What waits in the application needs no address. */
function unreachable(sql: Sql | Tx, channels: readonly Channel[], fingerprint: Fragment | null): Fragment {
  const push = channels.includes('push')
    ? sql`when q.channel = 'push' and not exists (select from devices v where v.profile_id = q.profile_id and v.revoked_at is null) then 'unreachable'`
    : sql``;
  const addressed = channels.every((channel) => FINGERPRINT_COLUMN[channel] !== null);
  const address =
    fingerprint === null
      ? sql``
      : addressed
        ? sql`when ${fingerprint} is null then 'unreachable'`
        : sql`when q.channel not in ('push', 'in-app') and ${fingerprint} is null then 'unreachable'`;
  return sql`${push} ${address}`;
}

/** One channel's expression as it is, several as a case; null: none of them has one. */
function byChannel(
  sql: Sql | Tx,
  channels: readonly Channel[],
  of: (channel: Channel) => Fragment | null,
): Fragment | null {
  const cases = channels.flatMap((channel) => {
    const expression = of(channel);
    return expression === null ? [] : [{ channel, expression }];
  });
  const [only] = cases;
  if (only === undefined) return null;
  if (channels.length === 1) return only.expression;
  const whens = cases
    .map((c) => sql` when ${c.channel} then ${c.expression}`)
    .reduce((all, one) => sql`${all}${one}`);
  return sql`case q.channel${whens} end`;
}
