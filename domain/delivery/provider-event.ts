import type { Bounce } from './bounce';
import { MESSAGE_EVENTS } from './message-events';

/** What carriers tell of a letter, in the order it happens. */
export const LETTER_PROOFS = ['deposited', 'in-transit', 'delivered', 'refused', 'returned'] as const;
export type LetterProof = (typeof LETTER_PROOFS)[number];

/** What a provider, a carrier, a report or a feedback loop says became of a message. */
export type ProviderHappening =
  /** The provider has it; nothing more is known. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'delivered' | 'deferred' | 'complained' | 'returned' }
  | ({ readonly kind: 'bounced' } & Bounce)
  | { readonly kind: 'letter'; readonly what: LetterProof; readonly proof: string | null };

/** A row of the ledger. What stands beside its id are proofs: given, the ledger has to agree with them. */
export interface LedgerRef {
  readonly deliveryId: number;
  readonly campaignId?: string;
  /** Hex of the keyed fingerprint of the recipient's address. */
  readonly addressFp?: string;
  /** The provider's name for the message. A ledger that knows none yet agrees. */
  readonly providerId?: string;
}

/** Which message, by whichever of its names the teller knows. */
export type DeliveryRef = LedgerRef | { readonly providerId: string };

export interface ProviderEvent {
  /** The teller's own: the same one twice is one event. */
  readonly id: string;
  readonly at: Date;
  readonly ref: DeliveryRef;
  readonly happening: ProviderHappening;
  /** Who tells: `webhook`, `report` (a mail of RFC 3464 or RFC 5965). */
  readonly by: 'webhook' | 'report';
}

const LETTER_EVENTS = {
  deposited: MESSAGE_EVENTS.letterDeposited,
  'in-transit': MESSAGE_EVENTS.letterInTransit,
  delivered: MESSAGE_EVENTS.letterDelivered,
  refused: MESSAGE_EVENTS.letterRefused,
  returned: MESSAGE_EVENTS.letterReturned,
} as const satisfies Record<LetterProof, string>;

/** The event's type; null: it only says that the message was taken. */
export function eventTypeOf(happening: ProviderHappening): string | null {
  if (happening.kind === 'taken') return null;
  return happening.kind === 'letter' ? LETTER_EVENTS[happening.what] : MESSAGE_EVENTS[happening.kind];
}

/** What an event counts once by, for each message and channel: most happen once, whoever tells it. */
export function onceBy({ id, happening }: Pick<ProviderEvent, 'id' | 'happening'>): string {
  switch (happening.kind) {
    case 'taken':
    case 'delivered':
    case 'complained':
      return happening.kind;
    case 'bounced':
      return `bounced.${happening.hard ? 'hard' : 'soft'}`;
    case 'deferred':
    case 'returned':
      return `${happening.kind}.${id}`;
    case 'letter':
      // A letter is seen in many places on its way.
      return happening.what === 'in-transit' ? `letter.in-transit.${id}` : `letter.${happening.what}`;
  }
}

/** Events only a message that has left us for good can cause: whoever it was for got it, or the carrier of a letter did. */
export const ARRIVED: readonly string[] = [
  MESSAGE_EVENTS.delivered,
  MESSAGE_EVENTS.complained,
  ...Object.values(LETTER_EVENTS),
];

/**
 * Events only a message that the provider took can cause. A note of absence proves nothing but that something answers,
 * and a click may be a forwarder's.
 */
export const TAKEN: readonly string[] = [...ARRIVED, MESSAGE_EVENTS.deferred, MESSAGE_EVENTS.bounced];

const MESSAGE_ID = /^<?d(\d{1,15})\.([a-z0-9]{1,40})@[^\s<>@]+>?$/i;

/** The delivery our Message-ID names (`<d42.c1a2b3@example.com>`); null: it is not one of ours. */
export function messageIdRef(messageId: string): LedgerRef | null {
  const match = MESSAGE_ID.exec(messageId.trim());
  if (match === null) return null;
  return { deliveryId: Number(match[1]), campaignId: String(match[2]) };
}
