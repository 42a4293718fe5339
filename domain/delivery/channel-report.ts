import { MESSAGE_EVENTS } from './message-events';

/** What carriers tell of a letter, in the order it happens. */
export const LETTER_PROOFS = ['deposited', 'in-transit', 'delivered', 'refused', 'returned'] as const;
export type LetterProof = (typeof LETTER_PROOFS)[number];

/** What whoever carries an SMS or a letter says became of it. */
export type ChannelHappening =
  /** The provider has it; nothing more is known. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'delivered' }
  | { readonly kind: 'bounced'; readonly code: string | null }
  | { readonly kind: 'letter'; readonly what: LetterProof; readonly proof: string | null };

export interface ChannelReport {
  /** The teller's own: the same one twice is one event. */
  readonly id: string;
  readonly at: Date;
  readonly deliveryId: number;
  /** The provider's name for the message; where the ledger knows one it has to be the same. null: none was told. */
  readonly providerId: string | null;
  readonly happening: ChannelHappening;
}

const LETTER_EVENTS = {
  deposited: MESSAGE_EVENTS.letterDeposited,
  'in-transit': MESSAGE_EVENTS.letterInTransit,
  delivered: MESSAGE_EVENTS.letterDelivered,
  refused: MESSAGE_EVENTS.letterRefused,
  returned: MESSAGE_EVENTS.letterReturned,
} as const satisfies Record<LetterProof, string>;

/** The event a report is; null: it only says that the message was taken. */
export function eventOf({ happening }: ChannelReport): string | null {
  switch (happening.kind) {
    case 'taken':
      return null;
    case 'delivered':
      return MESSAGE_EVENTS.delivered;
    case 'bounced':
      return MESSAGE_EVENTS.bounced;
    case 'letter':
      return LETTER_EVENTS[happening.what];
  }
}

/** How often it can count: once a message, except that a letter is seen in many places on its way. */
export function eventIdOf({ id, deliveryId, happening }: ChannelReport): string {
  if (happening.kind === 'bounced') return `bounce.${deliveryId}`;
  if (happening.kind !== 'letter') return `${happening.kind}.${deliveryId}`;
  const once = `letter.${deliveryId}.${happening.what}`;
  return happening.what === 'in-transit' ? `${once}.${id}` : once;
}
