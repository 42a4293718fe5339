import type postgres from 'postgres';
import type { ConsentRule } from '../../domain/delivery/nature-rules';
import type { Channel } from '../../domain/shared/words';
import { FINGERPRINT_COLUMN } from '../fingerprint-column';
import type { Sql, Tx } from '../db';

/** What may have changed for somebody between the gate and the wire. */
export interface StillAllowed {
  readonly channel: Channel;
  /** A no to one of them is a change; where a yes is needed, so is one that has run out since. */
  readonly consents: readonly ConsentRule[];
  /** Of suppressions that hold for the brand. */
  readonly scopes: readonly string[];
  /** Whether a person's pause holds this message. */
  readonly pausable: boolean;
  /** What somebody may have asked to hear no more of; null: nothing. */
  readonly topic: string | null;
}

/**
 * Whether a claimed row `d` may still go: its person has neither said no nor asked for a pause, and its address has not
 * died, since the gate judged it. A batch may wait for minutes at a slow provider; what has changed goes back to the gate.
 */
export function stillAllowed(sql: Sql | Tx, still: StillAllowed): postgres.Fragment {
  const { channel, consents, scopes, pausable, topic } = still;
  const fingerprint = FINGERPRINT_COLUMN[channel];
  const optIn = consents.filter((c) => c.kind === 'opt-in').map((c) => c.purpose);
  return sql`
        ${
          consents.length === 0
            ? sql``
            : sql`and not exists (
          select from consent_state s
          where s.profile_id = d.profile_id and s.purpose = any(${consents.map((c) => c.purpose)}::text[]) and s.channel = ${channel}
            and (not s.granted or (s.expires_at <= statement_timestamp() and s.purpose = any(${optIn}::text[]))))`
        }
        ${
          fingerprint === null
            ? sql``
            : sql`and not exists (
          select from profiles p join suppressions x on x.fingerprint = p.${sql(fingerprint)} and x.scope = any(${[...scopes]}::text[])
          where p.id = d.profile_id)`
        }
        ${
          !pausable && topic === null
            ? sql``
            : sql`and not exists (
          select from preferences f
          where f.profile_id = d.profile_id
            and ((${pausable} and f.paused_until > statement_timestamp()) or ${topic}::text = any(f.refused_topics)))`
        }`;
}
