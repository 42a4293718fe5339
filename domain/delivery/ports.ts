/** One e-mail ready for the wire. Personal data: never logged, never put in a workflow's history. */
export interface OutgoingEmail {
  /** The delivery's id; providers that take idempotency keys get it. */
  readonly deliveryId: number;
  readonly to: { readonly name?: string; readonly address: string };
  readonly from: { readonly name: string; readonly address: string };
  readonly replyTo?: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Extra headers, one line each: List-Unsubscribe, List-Unsubscribe-Post, Feedback-ID, X-Boucle-*. */
  readonly headers: Readonly<Record<string, string>>;
  readonly messageId: string;
}

/**
 * What became of one hand-over. `retry` was refused for now (421, 45x) and never accepted; `uncertain` means the
 * message was on the wire and no answer says what became of it, so it must not be sent again by itself.
 */
export type SendOutcome =
  | { readonly kind: 'accepted'; readonly providerId: string }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'retry'; readonly code: string }
  | { readonly kind: 'uncertain'; readonly code: string };

export interface EmailSender {
  /** Messages it takes at once; callers mark no more rows `sending` than this. */
  readonly connections: number;
  send(email: OutgoingEmail): Promise<SendOutcome>;
  close(): Promise<void>;
}
