import type { Bounce } from './bounce';

/** What a provider, a report or a feedback loop says became of a message it had taken. */
export type ProviderHappening =
  | { readonly kind: 'delivered' | 'deferred' | 'complained' | 'returned' }
  | ({ readonly kind: 'bounced' } & Bounce);

/** A row of the ledger. `campaignId` and `addressFp` are proofs: given, the ledger has to agree with them. */
export interface LedgerRef {
  readonly deliveryId: number;
  readonly campaignId?: string;
  /** Hex of the keyed fingerprint of the recipient's address. */
  readonly addressFp?: string;
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

const MESSAGE_ID = /^<?d(\d{1,15})\.([a-z0-9]{1,40})@[^\s<>@]+>?$/i;

/** The delivery our Message-ID names (`<d42.c1a2b3@example.com>`); null: it is not one of ours. */
export function messageIdRef(messageId: string): LedgerRef | null {
  const match = MESSAGE_ID.exec(messageId.trim());
  if (match === null) return null;
  return { deliveryId: Number(match[1]), campaignId: String(match[2]) };
}
