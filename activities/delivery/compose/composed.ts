import type { OutgoingByChannel, SendOutcome } from '../../../domain/delivery/ports';
import type { Channel } from '../../../domain/shared/words';
import type { ClaimedDelivery } from '../../../store/delivery/claim';
import type { Recipient, WaveTerms } from '../../../store/delivery-store';
import type { DeliveryDeps } from '../deps';

export interface ComposingDeps extends Pick<DeliveryDeps, 'compile' | 'compileMime'> {
  readonly urls: Pick<DeliveryDeps['urls'], 'returnPath'>;
}

/** What of a step's terms its messages say. */
export type ComposingTerms = Pick<WaveTerms, 'campaignId' | 'department' | 'nature' | 'rule' | 'letterKind'>;

/** One person's message, ready for the sender of its channel; or why it cannot be made. */
export type Composed<C extends Channel> =
  { readonly message: OutgoingByChannel[C] } | { readonly outcome: SendOutcome };

/**
 * Makes one person's message of a claimed delivery. Never throws for a person's data: a message that cannot be made is
 * that row's failure and nobody else's.
 */
export type Composer<C extends Channel> = (
  delivery: ClaimedDelivery,
  recipient: Recipient | undefined,
) => Composed<C>;

/** One for each channel: a missing one does not compile. */
export type Composers = { readonly [C in Channel]: Composer<C> };

export const failed = (code: string): { readonly outcome: SendOutcome } => ({
  outcome: { kind: 'failed', code },
});
