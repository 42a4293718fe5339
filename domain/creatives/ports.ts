import type { PostalAddress } from '../delivery/ports';
import type { Nature } from '../shared/words';

/** Content-addressed store of pictures and files. */
export interface BlobStore {
  /** Stores once; answers the SHA-256 in lower-case hex. */
  put(bytes: Uint8Array, contentType: string): Promise<string>;
  get(sha256: string): Promise<Uint8Array | null>;
}

export interface BrandSender {
  readonly name: string;
  readonly address: string;
  readonly replyTo?: string;
}

export interface Brand {
  readonly key: string;
  readonly name: string;
  readonly sender: BrandSender & {
    /** Bounces come to `bounce+…@` this domain, naming their delivery; left out, to the sender's address. */
    readonly bounceDomain?: string;
    /** Takes unsubscribe requests by mail, beside the link (RFC 8058). */
    readonly unsubscribeMailbox?: string;
  };
  /** Who writes messages of one nature, where it is not `sender`: mailbox providers keep a reputation for each. */
  readonly senders?: Readonly<Partial<Record<Nature, BrandSender>>>;
  readonly colours: {
    readonly primary: string;
    readonly onPrimary: string;
    readonly background: string;
    readonly text: string;
    readonly muted: string;
  };
  /** SVG source, drawn to PNG for e-mail. */
  readonly logoSvg: string;
  /** Ends an SMS that may be refused: `STOP au 36180`. Left out, such an SMS is not sent. */
  readonly smsStop?: string;
  /** Alphanumeric sender or number; left out, made of the brand's name. */
  readonly smsSender?: string;
  /** Where letters come from, and go back to. */
  readonly postal?: PostalAddress;
  /** Terms of offers, before the legal words of messages that may sell; of no others. */
  readonly offerTerms?: string;
  /** Who the company is: under every e-mail. */
  readonly legalText: string;
  readonly address: string;
  readonly privacyUrl: string;
}
