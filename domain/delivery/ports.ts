import type { Channel, LetterKind } from '../shared/words';

/** What every message carries to the wire. Personal data: never logged, never put in a workflow's history. */
interface Outgoing {
  /** The delivery's id; providers that take idempotency keys get it. */
  readonly deliveryId: number;
}

/** One e-mail ready for the wire. */
export interface OutgoingEmail extends Outgoing {
  readonly to: { readonly name?: string; readonly address: string };
  readonly from: { readonly name: string; readonly address: string };
  readonly replyTo?: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Extra headers, one line each: List-Unsubscribe, List-Unsubscribe-Post, Feedback-ID, X-Boucle-*. */
  readonly headers: Readonly<Record<string, string>>;
  readonly messageId: string;
  /** Where the relays send bounces; left out, `from`. */
  readonly returnPath?: string;
  /**
   * The whole message as it goes on the wire, in 7-bit with CRLF, where it is made already; left out, the sender writes
   * it from the fields above. The two read the same.
   */
  readonly mime?: string;
}

export interface OutgoingSms extends Outgoing {
  /** E.164. */
  readonly to: string;
  /** Alphanumeric sender or number, of the brand. */
  readonly from: string;
  readonly text: string;
}

export interface OutgoingPush extends Outgoing {
  /** Every device of the person that is registered: accepted when one of them is. */
  readonly tokens: readonly string[];
  readonly title: string;
  readonly body: string;
  readonly url: string | null;
}

/** Who is signed in to the application that shows in-app messages. */
export interface InAppSession {
  readonly profileId: number;
  readonly brand: string;
}

export interface OutgoingInApp extends Outgoing {
  readonly profileId: number;
  readonly campaignId: string;
  readonly brand: string;
  readonly placement: string;
  readonly contexts: readonly string[];
  readonly title: string;
  readonly body: string;
  readonly ctaLabel: string;
  readonly ctaUrl: string;
  readonly locale: string;
  readonly transparent: boolean;
  readonly expiresAt: Date | null;
}

export interface PostalAddress {
  readonly name: string;
  readonly line1: string;
  readonly line2: string | null;
  readonly postcode: string;
  readonly city: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

export interface OutgoingLetter extends Outgoing {
  readonly kind: LetterKind;
  readonly campaignId: string;
  readonly from: PostalAddress;
  /** Paper kinds. */
  readonly to: PostalAddress | null;
  /** Electronic kinds. */
  readonly email: string | null;
  readonly subject: string;
  /** Body in paragraphs, filled in. */
  readonly paragraphs: readonly string[];
  readonly locale: string;
}

export interface OutgoingByChannel {
  readonly email: OutgoingEmail;
  readonly sms: OutgoingSms;
  readonly push: OutgoingPush;
  readonly 'in-app': OutgoingInApp;
  readonly letter: OutgoingLetter;
  readonly 'e-letter': OutgoingLetter;
}

/**
 * What became of one hand-over. `retry` was refused for now (421, 45x, 429) and never accepted; `uncertain` means the
 * message was on the wire and no answer says what became of it, so it must not be sent again by itself.
 */
export type SendOutcome =
  | {
      readonly kind: 'accepted';
      readonly providerId: string;
      /** What the provider bills: SMS segments, grams of a letter; left out, one. */
      readonly units?: number;
    }
  | { readonly kind: 'failed'; readonly code: string }
  | {
      readonly kind: 'retry';
      readonly code: string;
      /** What the provider asks us to wait (Retry-After); left out, it does not say. */
      readonly retryAfterSeconds?: number;
    }
  | { readonly kind: 'uncertain'; readonly code: string };

/** What hands messages of one channel to whoever carries them. Never throws: what went wrong is the outcome. */
export interface Sender<C extends Channel> {
  /** Messages it takes at once; callers mark no more rows `sending` than this. */
  readonly connections: number;
  /**
   * The provider knows a delivery's id again: what a dead worker left on the wire is handed over once more under the
   * same key instead of becoming `uncertain`.
   */
  readonly idempotent: boolean;
  /**
   * Gets connections ready for so many messages; answers how many may go now, at least one. Left out: all. Asked before
   * consent is asked for the last time, so that nobody's no comes while a relay greets.
   */
  ready?(messages: number): Promise<number> | number;
  send(message: OutgoingByChannel[C]): Promise<SendOutcome>;
  close(): Promise<void>;
}

export type EmailSender = Sender<'email'>;

/** One for each channel: a missing one does not compile. */
export type Senders = { readonly [C in Channel]: Sender<C> };
