import { compileCreative } from '../../adapters/renderer/personalise';
import type { Scenario } from '../../domain/campaigns/scenario';
import type { Brand } from '../../domain/creatives/ports';
import type { PersonValues } from '../../domain/creatives/variables';
import type { OutgoingByChannel, PostalAddress } from '../../domain/delivery/ports';
import { postalLines } from '../../domain/delivery/seed-address';
import type { Channel } from '../../domain/shared/words';
import type { CreativeRow } from '../../store/creatives-store';
import type { Recipient } from '../../store/delivery/recipients';
import { gateTermsOf } from '../../store/delivery/wave-terms';
import type { DueProof } from '../../store/proofs-store';
import type { ChannelPolicy } from '../../domain/delivery/channel-policy';
import { composersWith } from '../delivery/compose';
import type { Composed } from '../delivery/compose/composed';

export interface ProofParts {
  readonly proof: DueProof;
  readonly creative: CreativeRow;
  readonly scenario: Scenario;
  readonly policies: readonly ChannelPolicy[];
  readonly brand: Brand;
  /** Whose data fills it; nothing of anybody in a test. */
  readonly person: PersonValues;
  /** Where the unsubscribe link of a proof leads: a page that knows of no delivery. */
  readonly deadUnsubscribeUrl: string;
}

/**
 * The message as its channel's sender takes it: composed as for anybody, marked, its links leading straight to their
 * targets. Nothing in it is counted, and nobody is unsubscribed by it.
 */
export function composeProof<C extends Channel>(parts: ProofParts, channel: C): Composed<C> {
  const { proof, scenario, person } = parts;
  const creative = marked(parts.creative, proof.profileId === null ? '[TEST]' : '[PROOF]');
  const terms = gateTermsOf(scenario, creative.step, parts.policies);
  const links: string[] = [];
  for (const { index, url } of creative.links) links[index] = url;
  const urls = { links, unsubscribeUrl: parts.deadUnsubscribeUrl, pixelUrl: null };
  const composers = composersWith(
    // Bounces of a proof come back to whoever the brand writes as: no delivery is behind them.
    { compile: compileCreative, urls: { returnPath: () => '' } },
    { ...terms, campaignId: proof.campaignId },
    { campaignId: proof.campaignId, locale: scenario.locale, inApp: scenario.inApp ?? null, unitCosts: [] },
    parts.brand,
    () => ({ creative, person, urls, values: {} }),
  );
  const composed = composers[channel](
    {
      id: proofNumber(proof.id),
      profileId: channel === 'in-app' ? Number(proof.address) : 0,
      persona: creative.persona,
      arm: creative.arm,
      creativeId: creative.creativeId,
      step: creative.step,
      channel,
      openPixel: false,
      closesAt: null,
    },
    addressee(proof),
  );
  return 'outcome' in composed ? composed : { message: UNCOUNTED[channel](composed.message, proof) };
}

/**
 * A proof's number where a delivery's id would stand: negative, so that no webhook, bounce or status that comes back
 * finds a delivery, and its own, so that a provider that takes idempotency keys tells proofs apart.
 */
const proofNumber = (id: string): number => -Number.parseInt(id.slice(1, 12), 16);

/** Where it is read first: an SMS has no subject. */
const marked = (creative: CreativeRow, mark: string): CreativeRow =>
  creative.channel === 'sms'
    ? { ...creative, text: `${mark} ${creative.text.trimStart()}` }
    : { ...creative, subject: `${mark} ${creative.subject}` };

/** Every channel finds its address in it; which one is an address at all was checked when the proof was asked for. */
function addressee({ address }: DueProof): Recipient {
  const postal: PostalAddress | null = postalLines(address);
  return {
    profileId: 0,
    email: address,
    phone: address,
    tokens: [address],
    firstName: postal?.name ?? null,
    lastName: null,
    city: postal?.city ?? null,
    postal,
    // Nobody's consent is asked for what staff look at.
    profiling: true,
    values: null,
  };
}

const asItIs = <M>(message: M): M => message;

/** Takes out what leads back to a delivery. */
const UNCOUNTED: {
  readonly [C in Channel]: (message: OutgoingByChannel[C], proof: DueProof) => OutgoingByChannel[C];
} = {
  email: ({ returnPath: _, ...message }, { id }) => ({ ...message, headers: { 'X-Boucle-Proof': id } }),
  sms: asItIs,
  push: asItIs,
  // Shown whatever the colleague agreed to: what is personal in it is not theirs.
  'in-app': (message) => ({ ...message, transparent: true }),
  letter: asItIs,
  'e-letter': asItIs,
};
