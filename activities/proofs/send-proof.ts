import type { Brand } from '../../domain/creatives/ports';
import type { PersonValues } from '../../domain/creatives/variables';
import type { SendOutcome, Senders } from '../../domain/delivery/ports';
import type { Channel } from '../../domain/shared/words';
import type { CampaignsStore } from '../../store/campaigns-store';
import type { CreativesStore } from '../../store/creatives-store';
import type { PoliciesStore } from '../../store/policies-store';
import type { DueProof, ProofsStore } from '../../store/proofs-store';
import { composeProof, type ProofParts } from './compose-proof';

export interface SendProofDeps {
  readonly proofs: Pick<ProofsStore, 'isSuppressed'>;
  readonly creatives: Pick<CreativesStore, 'get'>;
  readonly campaigns: Pick<CampaignsStore, 'get'>;
  readonly policies: Pick<PoliciesStore, 'list'>;
  readonly brandOf: (key: string) => Brand;
  readonly senders: Senders;
  /** What a creative may say of somebody; null: nobody is known by this id. */
  readonly personOf: (profileId: number) => Promise<PersonValues | null>;
  readonly publicUrl: string;
}

const failed = (code: string): SendOutcome => ({ kind: 'failed', code });

/** Makes one proof and hands it to its channel's sender. Every way it may end is an outcome. */
export async function sendProof(deps: SendProofDeps, proof: DueProof): Promise<SendOutcome> {
  const [creative, campaign] = await Promise.all([
    deps.creatives.get(proof.creativeId),
    deps.campaigns.get(proof.campaignId),
  ]);
  if (creative === null || campaign === null) return failed('no-creative');
  const { scenario } = campaign;
  if (await deps.proofs.isSuppressed(proof.channel, proof.address, scenario.brand))
    return failed('suppressed');
  const person = proof.profileId === null ? {} : await deps.personOf(proof.profileId);
  if (person === null) return failed('no-profile');
  const parts = {
    proof,
    creative,
    scenario,
    policies: Object.values(await deps.policies.list('channel')),
    brand: deps.brandOf(scenario.brand),
    person,
    deadUnsubscribeUrl: `${deps.publicUrl}/u/proof`,
  };
  return handOver(deps.senders, parts, proof.channel);
}

async function handOver<C extends Channel>(
  senders: Senders,
  parts: ProofParts,
  channel: C,
): Promise<SendOutcome> {
  const composed = composeProof(parts, channel);
  return 'outcome' in composed ? composed.outcome : senders[channel].send(composed.message);
}
