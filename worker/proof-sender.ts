import { sendProof } from '../activities/proofs/send-proof';
import { FIRST_STEP } from '../domain/campaigns/steps';
import { createCampaignsStore } from '../store/campaigns-store';
import { createCreativesStore } from '../store/creatives-store';
import { recipientsFor } from '../store/delivery/recipients';
import { createPoliciesStore } from '../store/policies-store';
import type { ProofsStore } from '../store/proofs-store';
import { brandOf } from './delivery-deps';
import type { Dependencies } from './dependencies';
import type { ProofLaneDeps } from './proof-lane';

/** Sends one proof with what this worker has. */
export function createProofSender(
  { db, brands, senders, env }: Dependencies,
  proofs: ProofsStore,
): ProofLaneDeps['send'] {
  const deps = {
    proofs,
    creatives: createCreativesStore(db.app),
    campaigns: createCampaignsStore(db.app),
    policies: createPoliciesStore(db.app),
    senders,
    publicUrl: env.PUBLIC_URL,
    brandOf: brandOf({ brands }),
    personOf: async (profileId: number) => {
      const [person] = await recipientsFor(db.identity, [{ profileId, step: FIRST_STEP }], []);
      if (person === undefined) return null;
      const { firstName = null, lastName = null, city = null } = person;
      return { firstName, lastName, city };
    },
  };
  return (proof) => sendProof(deps, proof);
}
