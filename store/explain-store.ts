import { explain, type Statement } from '../domain/delivery/explanation';
import type { ConsentProof, ExplainedDelivery, ExplanationFacts } from '../domain/delivery/explanation-facts';
import { BoucleError } from '../domain/shared/errors';
import type { Channel } from '../domain/shared/words';
import { loadDefinition, type LoadedDefinition } from './audience-definition';
import { consideredSql, type AudienceDefinition } from './audience-sql';
import { campaignOf } from './audience-store';
import type { Sql, Tx } from './db';
import { arrayLiteral } from './array-literal';
import { capFacts, type HeldByCap } from './explain/caps';
import { rulesFacts } from './explain/rules';
import { identitiesOf } from './merging/move-rows';

export interface Explanation extends ExplanationFacts {
  readonly statements: readonly Statement[];
}

export function createExplainStore(sql: Sql) {
  return {
    /** Of one moment. Throws not-found where there is no such campaign or profile. */
    of: (campaignId: string, profileId: number): Promise<Explanation> =>
      sql.begin('isolation level repeatable read read only', async (tx) => {
        const [known] = await tx<{ mergedInto: number | null }[]>`
          select merged_into as "mergedInto" from profiles where id = ${profileId}`;
        if (known === undefined) throw new BoucleError('not-found', 'No such profile.');
        const deliveries = await deliveriesOf(tx, campaignId, profileId);
        const place = await placeOf(tx, campaignId, profileId);
        const control = await tx<ExplanationFacts['control'][number][]>`
          select step, arm, allowed, reason, gated_at as "gatedAt" from control_gate
          where campaign_id = ${campaignId} and profile_id = ${profileId} order by gated_at`;
        const loaded = await definitionFor(tx, campaignId);
        const facts: ExplanationFacts = {
          ...known,
          ...place,
          ...(loaded === null ? UNREADABLE : await rulesFacts(tx, loaded, profileId)),
          outside:
            place.member === null && loaded !== null
              ? await outsideOf(tx, loaded.definition, profileId)
              : null,
          waves: place.member === null ? [] : await wavesOf(tx, campaignId, profileId),
          caps: await capFacts(tx, profileId, lookedAt(deliveries, control)),
          control,
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

const UNREADABLE = { rules: [], holdouts: [], draw: null } as const;

/** null: a segment or persona is gone since, and nothing is said about the rules. */
async function definitionFor(tx: Tx, campaignId: string): Promise<LoadedDefinition | null> {
  const { scenario, seed, bound } = await campaignOf(tx, campaignId, false);
  try {
    return await loadDefinition(tx, scenario, seed, bound);
  } catch (fault) {
    if (fault instanceof BoucleError) return null;
    throw fault;
  }
}

/** The statement of the freeze, over this person alone. */
async function outsideOf(
  tx: Tx,
  definition: AudienceDefinition,
  profileId: number,
): Promise<ExplanationFacts['outside']> {
  const [row] = await tx<{ reason: string | null }[]>`
    with ${consideredSql(tx, definition, { from: profileId, to: profileId + 1 })} select reason from considered`;
  return row === undefined ? { matches: false, reason: null } : { matches: true, reason: row.reason };
}

async function wavesOf(tx: Tx, campaignId: string, profileId: number): Promise<ExplanationFacts['waves']> {
  const rows = await tx<ExplanationFacts['waves'][number][]>`
    select w.step, w.wave, w.started_at as "startedAt", w.deadline_at as "deadlineAt"
    from audience_members m join waves w on w.campaign_id = m.campaign_id and w.part = m.part
      and m.bucket >= w.bucket_from and m.bucket < w.bucket_to
    where m.campaign_id = ${campaignId} and m.profile_id = ${profileId} order by w.started_at, w.wave`;
  return [...rows];
}

/** Every time the gate gave a reason. */
const lookedAt = (
  deliveries: readonly ExplainedDelivery[],
  control: ExplanationFacts['control'],
): HeldByCap[] => [
  ...deliveries.flatMap((delivery) => [
    ...delivery.looks.map(({ reason, at }) => ({ reason, at })),
    ...(delivery.reason === null ? [] : [{ reason: delivery.reason, at: delivery.gatedAt }]),
  ]),
  ...control.flatMap(({ reason, gatedAt }) => (reason === null ? [] : [{ reason, at: gatedAt }])),
];

type DeliveryRow = Omit<ExplainedDelivery, 'consent' | 'events' | 'looks'> & {
  readonly consentEventId: number | null;
  readonly looks: readonly { at: string; reason: string; until: string | null; channel: Channel }[] | null;
};

/**
 * Messages keep the number they were sent to: those to whoever was merged into the profile are the person's too. What a
 * merge has moved to the one who stands for them is found there.
 */
async function deliveriesOf(tx: Tx, campaignId: string, profileId: number): Promise<ExplainedDelivery[]> {
  const identities = arrayLiteral(await identitiesOf(tx, profileId));
  const rows = await tx<DeliveryRow[]>`
    select d.id, nullif(d.profile_id, ${profileId}::bigint) as "mergedId", d.step, d.wave, d.channel, d.arm, d.state, d.code,
      d.reason, d.attempts, d.gated_at as "gatedAt", d.not_before as "notBefore", d.settled_at as "settledAt",
      d.consent_event_id as "consentEventId", d.looks,
      (select c.at from contacts c
        where c.campaign_id = d.campaign_id and c.step = d.step and c.profile_id in (d.profile_id, standing(d.profile_id))
          and coalesce(c.original_id, c.profile_id) = d.profile_id) as "contactAt"
    from deliveries d where d.campaign_id = ${campaignId} and d.profile_id = any(${identities}::bigint[])
    order by d.gated_at, d.id`;
  const proofs = await tx<ConsentProof[]>`
    select id as "eventId", action, purpose, channel, at, expires_at as "expiresAt", source, legal_basis as "legalBasis",
      wording_sha256 as "wordingSha256"
    from consent_events where id = any(${rows.flatMap((row) => row.consentEventId ?? [])}::bigint[])`;
  const events = await tx<{ delivery_id: number; type: string; at: Date }[]>`
    select delivery_id, type, at from events
    where profile_id = standing(${profileId}) and delivery_id = any(${rows.map((row) => row.id)}::bigint[]) order by at, id`;
  return rows.map(({ consentEventId, looks, ...row }) => ({
    ...row,
    looks: (looks ?? []).map((look) => ({
      ...look,
      at: new Date(look.at),
      until: look.until === null ? null : new Date(look.until),
    })),
    consent: proofs.find((proof) => proof.eventId === consentEventId) ?? null,
    events: events.filter((event) => event.delivery_id === row.id).map(({ type, at }) => ({ type, at })),
  }));
}
