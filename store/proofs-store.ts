import { randomBytes } from 'node:crypto';
import { RETRY_POLICY } from '../domain/delivery/retry-policy';
import { suppressionScopes } from '../domain/delivery/suppression-scopes';
import type { SendOutcome } from '../domain/delivery/ports';
import type { Channel } from '../domain/shared/words';
import type { Db } from './db';
import { fingerprint, type FingerprintKind } from './fingerprint';

export interface NewProof {
  readonly creativeId: number;
  readonly channel: Channel;
  /** Whose data fills it; null: nobody's. */
  readonly profileId: number | null;
  readonly address: string;
}

/** One to send. The address is personal: never logged. */
export interface DueProof extends NewProof {
  readonly id: string;
  readonly campaignId: string;
  readonly attempts: number;
}

export interface ProofStanding {
  readonly id: string;
  readonly creativeId: number;
  readonly profileId: number | null;
  readonly channel: Channel;
  /** `uncertain`: on the wire when a worker died, or nobody knows; it is not sent again by itself. */
  readonly state: 'waiting' | 'sent' | 'failed' | 'uncertain';
  readonly code: string | null;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly sentAt: Date | null;
}

/** What an address of a channel is suppressed by; null: such addresses never are. */
const FINGERPRINTS: Readonly<Record<Channel, FingerprintKind | null>> = {
  email: 'email',
  'e-letter': 'email',
  sms: 'phone',
  push: 'device',
  'in-app': null,
  letter: null,
};

/** Tests and proofs on their way to staff. They are in no count: no delivery, no contact, no event. */
export function createProofsStore(db: Pick<Db, 'identity'>, pepper: string) {
  const sql = db.identity;

  const settle = async (id: string, state: ProofStanding['state'], code: string | null): Promise<void> => {
    await sql.begin(async (tx) => {
      await tx`
        update proofs set state = ${state}, code = ${code}, sent_at = case when ${state} = 'sent' then clock_timestamp() end
        where id = ${id}`;
      // Nothing is left to do with it.
      await tx`delete from identity.proof_addresses where proof_id = ${id}`;
    });
  };

  return {
    /** Answers their ids in the order given. */
    async request(campaignId: string, proofs: readonly NewProof[], by: string): Promise<string[]> {
      const rows = proofs.map((proof) => ({ ...proof, id: `p${randomBytes(10).toString('hex')}` }));
      await sql.begin(async (tx) => {
        for (const { id, creativeId, profileId, channel, address } of rows) {
          await tx`
            insert into proofs (id, campaign_id, creative_id, profile_id, channel, requested_by)
            values (${id}, ${campaignId}, ${creativeId}, ${profileId}, ${channel}, ${by})`;
          await tx`insert into identity.proof_addresses (proof_id, address) values (${id}, ${address})`;
        }
      });
      return rows.map(({ id }) => id);
    },

    /**
     * Takes what is due. Each is `uncertain` from here until its outcome is recorded, so what a dead worker leaves is
     * said to be what it is, and is never sent twice. `not_before` is then when it was taken.
     */
    async take(limit: number): Promise<DueProof[]> {
      const rows = await sql<DueProof[]>`
        with due as materialized (
          select id from proofs where state = 'waiting' and not_before <= clock_timestamp()
          order by requested_at limit ${limit} for update skip locked
        )
        update proofs p set state = 'uncertain', code = 'on-the-wire', attempts = p.attempts + 1, not_before = clock_timestamp()
        from due, identity.proof_addresses a where p.id = due.id and a.proof_id = p.id
        returning p.id, p.campaign_id as "campaignId", p.creative_id as "creativeId", p.profile_id as "profileId",
          p.channel, p.attempts, a.address`;
      return [...rows];
    },

    /** Whether an address must not be used, for a message of this brand. */
    async isSuppressed(channel: Channel, address: string, brand: string): Promise<boolean> {
      const kind = FINGERPRINTS[channel];
      if (kind === null) return false;
      const [row] = await sql`
        select 1 from suppressions
        where fingerprint = ${fingerprint(pepper, kind, address)} and scope = any(${suppressionScopes(brand)}::text[]) limit 1`;
      return row !== undefined;
    },

    /** What was refused for now waits, as a delivery would; its last refusal is final. */
    async record({ id, attempts }: Pick<DueProof, 'id' | 'attempts'>, outcome: SendOutcome): Promise<void> {
      switch (outcome.kind) {
        case 'accepted':
          return settle(id, 'sent', null);
        case 'failed':
        case 'uncertain':
          return settle(id, outcome.kind, outcome.code);
        case 'retry': {
          if (attempts >= RETRY_POLICY.maxAttempts) return settle(id, 'failed', outcome.code);
          const wait = RETRY_POLICY.firstDelaySeconds * RETRY_POLICY.factor ** (attempts - 1);
          await sql`
            update proofs set state = 'waiting', code = ${outcome.code}, not_before = clock_timestamp() + make_interval(secs => ${wait})
            where id = ${id}`;
        }
      }
    },

    /** Newest first. */
    async list(campaignId: string, limit: number): Promise<ProofStanding[]> {
      const rows = await sql<ProofStanding[]>`
        select id, creative_id as "creativeId", profile_id as "profileId", channel, state, code,
          requested_by as "requestedBy", requested_at as "requestedAt", sent_at as "sentAt"
        from proofs where campaign_id = ${campaignId} order by requested_at desc, id limit ${limit}`;
      return [...rows];
    },
  };
}

export type ProofsStore = ReturnType<typeof createProofsStore>;
