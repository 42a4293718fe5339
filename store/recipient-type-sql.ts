import type postgres from 'postgres';
import type { Sql, Tx } from './db';

/**
 * What somebody is to the company, over profiles under the alias `p`: as their attribute `recipient_type` says, else a
 * customer by their customer key, a subscriber by their consent to the newsletter, or a prospect.
 */
export const recipientTypeSql = (sql: Sql | Tx): postgres.Fragment => sql`
  case
    when p.attributes ->> 'recipient_type' in ('customer', 'subscriber', 'prospect') then p.attributes ->> 'recipient_type'
    when exists (select from profile_keys k where k.profile_id = p.id and k.kind = 'customer') then 'customer'
    when exists (
      select from consent_state s where s.profile_id = p.id and s.purpose = 'newsletter' and s.granted
        and (s.expires_at is null or s.expires_at > statement_timestamp())) then 'subscriber'
    else 'prospect' end`;
