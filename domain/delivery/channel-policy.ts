import { z } from 'zod';
import {
  CHANNELS,
  LETTER_KINDS,
  NATURES,
  URGENCIES,
  type Channel,
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

/** The scenario's own channels, else those of the policy for its nature and urgency, else e-mail alone. */
export const channelsFor = (
  step: { readonly nature: Nature; readonly urgency: Urgency; readonly channels: readonly Channel[] | null },
  policies: readonly ChannelPolicy[],
): readonly Channel[] =>
  step.channels ??
  policies.find((p) => p.nature === step.nature && p.urgency === step.urgency)?.channels ?? ['email'];
