import { z } from 'zod';
import {
  CHANNELS,
  LETTER_KINDS,
  NATURES,
  URGENCIES,
  type Channel,
  type LetterKind,
  type Nature,
  type Urgency,
} from '../shared/words';

/** Which channels a message of this nature and urgency takes where the scenario does not say. */
export const channelPolicySchema = z.strictObject({
  nature: z.enum(NATURES),
  urgency: z.enum(URGENCIES),
  /** First choice first; the next where the person cannot be reached or has not agreed. */
  channels: z.array(z.enum(CHANNELS)).min(1),
  letterKind: z.enum(LETTER_KINDS).optional(),
});

export type ChannelPolicy = z.infer<typeof channelPolicySchema>;

interface Content {
  readonly nature: Nature;
  readonly urgency: Urgency;
}

const policyFor = ({ nature, urgency }: Content, policies: readonly ChannelPolicy[]) =>
  policies.find((policy) => policy.nature === nature && policy.urgency === urgency);

/** The scenario's own channels, else those of the policy for its nature and urgency, else e-mail alone. */
export const channelsFor = (
  step: Content & { readonly channels: readonly Channel[] | null },
  policies: readonly ChannelPolicy[],
): readonly Channel[] => step.channels ?? policyFor(step, policies)?.channels ?? ['email'];

/** The scenario's own kind of letter, else that of the policy for the step's nature and urgency; null: neither says. */
export const letterKindFor = (
  scenario: { readonly letter?: { readonly kind: LetterKind } | undefined },
  step: Content,
  policies: readonly ChannelPolicy[],
): LetterKind | null => scenario.letter?.kind ?? policyFor(step, policies)?.letterKind ?? null;
