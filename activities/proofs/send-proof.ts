import type { Brand } from '../../domain/creatives/ports';
import type { PersonValues } from '../../domain/creatives/variables';
import type { OutgoingByChannel, SendOutcome, Senders } from '../../domain/delivery/ports';
import { stepOf } from '../../domain/campaigns/steps';
import type { Channel } from '../../domain/shared/words';
import type { CampaignsStore } from '../../store/campaigns-store';
import type { CreativesStore } from '../../store/creatives-store';
import type { PoliciesStore } from '../../store/policies-store';
import type { DueProof, ProofsStore } from '../../store/proofs-store';
import { composeProof, type ProofMessages } from './compose-proof';

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
  const { nature, urgency } = stepOf(scenario, creative.step);
  const policy = Object.values(await deps.policies.list('channel')).find(
    (p) => p.nature === nature && p.urgency === urgency,
  );
  let messages: ProofMessages;
  try {
    messages = composeProof({
      proof,
      creative,
      scenario,
      brand: deps.brandOf(scenario.brand),
      person,
      letterKind: scenario.letter?.kind ?? policy?.letterKind ?? 'plain',
      deadUnsubscribeUrl: `${deps.publicUrl}/u/proof`,
    });
  } catch {
    // The fault may repeat what it was filling in: it goes nowhere.
    return failed('personalisation');
  }
  return handOver(deps.senders, messages, proof.channel);
}

async function handOver<C extends Channel>(
  senders: Senders,
  messages: ProofMessages,
  channel: C,
): Promise<SendOutcome> {
  const message: OutgoingByChannel[C] | null = messages[channel]();
  return message === null ? failed('no-address') : senders[channel].send(message);
}
