import { compileCreative } from '../../adapters/renderer/personalise';
import type { Scenario } from '../../domain/campaigns/scenario';
import { stepOf } from '../../domain/campaigns/steps';
import type { Brand } from '../../domain/creatives/ports';
import type { PersonValues } from '../../domain/creatives/variables';
import { paragraphsOf } from '../../domain/creatives/worst-cost';
import { letterKindOn } from '../../domain/delivery/letter-kind';
import type { OutgoingByChannel, PostalAddress } from '../../domain/delivery/ports';
import { postalLines } from '../../domain/delivery/seed-address';
import type { LetterKind } from '../../domain/shared/words';
import type { CreativeRow } from '../../store/creatives-store';
import type { DueProof } from '../../store/proofs-store';
import { senderOf } from '../delivery/compose/sms';

export interface ProofParts {
  readonly proof: DueProof;
  readonly creative: CreativeRow;
  readonly scenario: Scenario;
  readonly brand: Brand;
  /** Whose data fills it; nothing of anybody in a test. */
  readonly person: PersonValues;
  readonly letterKind: LetterKind;
  /** Where the unsubscribe link of a proof leads: a page that knows of no delivery. */
  readonly deadUnsubscribeUrl: string;
}

export type ProofMessages = { readonly [C in keyof OutgoingByChannel]: () => OutgoingByChannel[C] | null };

/**
 * A proof's number where a delivery's id would stand: negative, so that no webhook, bounce or status that comes back
 * finds a delivery, and its own, so that a provider that takes idempotency keys tells proofs apart.
 */
const proofNumber = (id: string): number => -Number.parseInt(id.slice(1, 12), 16);

/**
 * The message as its channel's sender takes it: the compiled creative filled in, marked, its links leading straight to
 * their targets. Nothing in it is counted, and nobody is unsubscribed by it. null: the address cannot be read.
 */
export function composeProof(parts: ProofParts): ProofMessages {
  const { proof, creative, scenario, brand } = parts;
  const mark = proof.profileId === null ? '[TEST]' : '[PROOF]';
  const links: string[] = [];
  for (const { index, url } of creative.links) links[index] = url;
  const [url = ''] = links;
  const filled = compileCreative(creative)(parts.person, {
    links,
    unsubscribeUrl: parts.deadUnsubscribeUrl,
    pixelUrl: null,
  });
  const subject = `${mark} ${filled.subject}`;
  const text = filled.text.trim();
  const deliveryId = proofNumber(proof.id);
  const { nature } = stepOf(scenario, creative.step);

  const letter = (channel: 'letter' | 'e-letter', to: PostalAddress | null, email: string | null) =>
    brand.postal === undefined || (to === null && email === null)
      ? null
      : {
          deliveryId,
          kind: letterKindOn(channel, parts.letterKind),
          campaignId: proof.campaignId,
          from: brand.postal,
          to,
          email,
          subject,
          paragraphs: paragraphsOf(text),
          locale: scenario.locale,
        };

  return {
    email: () => {
      const { name, address, replyTo } = brand.senders?.[nature] ?? brand.sender;
      return {
        deliveryId,
        to: { address: proof.address },
        from: { name, address },
        ...(replyTo === undefined ? {} : { replyTo }),
        subject,
        html: filled.html,
        text: filled.text,
        headers: { 'X-Boucle-Proof': proof.id },
        messageId: `<${proof.id}.${proof.campaignId}@${address.slice(address.lastIndexOf('@') + 1)}>`,
      };
    },
    sms: () => ({ deliveryId, to: proof.address, from: senderOf(brand), text: `${mark} ${text}` }),
    push: () => ({
      deliveryId,
      tokens: [proof.address],
      title: subject,
      body: text,
      url: url === '' ? null : url,
    }),
    'in-app': () => ({
      deliveryId,
      profileId: Number(proof.address),
      campaignId: proof.campaignId,
      brand: brand.key,
      placement: scenario.inApp?.placement ?? 'home',
      contexts: scenario.inApp?.contexts ?? [],
      title: subject,
      body: text,
      ctaLabel: creative.meta.ctaLabel,
      ctaUrl: url,
      locale: scenario.locale,
      // Shown whatever the colleague agreed to: what is personal in it is not theirs.
      transparent: true,
      expiresAt: null,
    }),
    letter: () => letter('letter', postalLines(proof.address), null),
    'e-letter': () => letter('e-letter', null, proof.address),
  };
}
