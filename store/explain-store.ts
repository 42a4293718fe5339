import {
  explain,
  type ConsentProof,
  type ExplainedDelivery,
  type ExplanationFacts,
  type Statement,
} from '../domain/delivery/explanation';
import { BoucleError } from '../domain/shared/errors';
import { loadDefinition } from './audience-definition';
import { consideredSql } from './audience-sql';
import { campaignOf } from './audience-store';
import type { Sql, Tx } from './db';

export interface Explanation extends ExplanationFacts {
  readonly statements: readonly Statement[];
}

export function createExplainStore(sql: Sql) {
  return {
    /** Of one moment. Throws not-found where there is no such campaign or profile. */
    of: (campaignId: string, profileId: number): Promise<Explanation> =>
      sql.begin('isolation level repeatable read read only', async (tx) => {
        const [known] = await tx`select from profiles where id = ${profileId}`;
        if (known === undefined) throw new BoucleError('not-found', 'No such profile.');
        const deliveries = await deliveriesOf(tx, campaignId, profileId);
        const place = await placeOf(tx, campaignId, profileId);
        const facts: ExplanationFacts = {
          ...place,
          outside: place.member === null ? await outsideOf(tx, campaignId, profileId) : null,
          control: await tx<ExplanationFacts['control'][number][]>`
            select step, arm, allowed, reason, gated_at as "gatedAt" from control_gate
            where campaign_id = ${campaignId} and profile_id = ${profileId} order by gated_at`,
          deliveries,
          suppressions: await tx<ExplanationFacts['suppressions'][number][]>`
            select s.scope, s.reason, s.at from profiles p join suppressions s on s.fingerprint in (p.email_fp, p.phone_fp, p.postal_fp)
            where p.id = ${profileId} order by s.at`,
        };
        return { ...facts, statements: explain(facts) };
      }),
  };
}

export type ExplainStore = ReturnType<typeof createExplainStore>;

/** Throws not-found. */
async function placeOf(
  tx: Tx,
  campaignId: string,
  profileId: number,
): Promise<Pick<ExplanationFacts, 'frozenAt' | 'member'>> {
  const [row] = await tx<{ frozenAt: Date | null; member: ExplanationFacts['member'] }[]>`
    select a.frozen_at as "frozenAt", (
      select jsonb_build_object('part', m.part, 'arm', m.arm, 'persona', m.persona, 'planned', exists (
        select from waves w where w.campaign_id = m.campaign_id and w.part = m.part
          and m.bucket >= w.bucket_from and m.bucket < w.bucket_to))
      from audience_members m where m.campaign_id = c.id and m.profile_id = ${profileId} limit 1) as member
    from campaigns c left join audiences a on a.campaign_id = c.id where c.id = ${campaignId}`;
  if (row === undefined) throw new BoucleError('not-found', 'No such campaign.');
  return row;
}

/** The statement of the freeze, over this person alone. */
async function outsideOf(
  tx: Tx,
  campaignId: string,
  profileId: number,
): Promise<ExplanationFacts['outside']> {
  const { scenario, seed, bound } = await campaignOf(tx, campaignId, false);
  try {
    const { definition } = await loadDefinition(tx, scenario, seed, bound);
    const [row] = await tx<{ reason: string | null }[]>`
      with ${consideredSql(tx, definition, { from: profileId, to: profileId + 1 })} select reason from considered`;
    return row === undefined ? { matches: false, reason: null } : { matches: true, reason: row.reason };
  } catch (fault) {
    // A segment or persona that is gone since: nothing is said about it.
    if (fault instanceof BoucleError) return null;
    throw fault;
  }
}

type DeliveryRow = Omit<ExplainedDelivery, 'consent' | 'events'> & { readonly consentEventId: number | null };

async function deliveriesOf(tx: Tx, campaignId: string, profileId: number): Promise<ExplainedDelivery[]> {
  const rows = await tx<DeliveryRow[]>`
    select d.id, d.step, d.wave, d.channel, d.arm, d.state, d.code, d.reason, d.attempts, d.gated_at as "gatedAt",
      d.not_before as "notBefore", d.settled_at as "settledAt", d.consent_event_id as "consentEventId"
    from deliveries d where d.campaign_id = ${campaignId} and d.profile_id = ${profileId} order by d.gated_at, d.id`;
  const proofs = await tx<ConsentProof[]>`
    select id as "eventId", action, purpose, channel, at, expires_at as "expiresAt", source, legal_basis as "legalBasis",
      wording_sha256 as "wordingSha256"
    from consent_events where id = any(${rows.flatMap((row) => row.consentEventId ?? [])}::bigint[])`;
  const events = await tx<{ delivery_id: number; type: string; at: Date }[]>`
    select delivery_id, type, at from events
    where profile_id = ${profileId} and delivery_id = any(${rows.map((row) => row.id)}::bigint[]) order by at, id`;
  return rows.map(({ consentEventId, ...row }) => ({
    ...row,
    consent: proofs.find((proof) => proof.eventId === consentEventId) ?? null,
    events: events.filter((event) => event.delivery_id === row.id).map(({ type, at }) => ({ type, at })),
  }));
}
