/** A place a tracked link may lead. `index` is its number in the message, from 0. */
export interface CreativeLink {
  readonly index: number;
  readonly url: string;
  readonly label: string;
}

/** What an in-app message says instead to somebody who did not agree to being profiled: nothing personal. */
export interface TransparentWords {
  readonly title: string;
  readonly body: string;
}

/**
 * A message before it is anybody's: Liquid is left in it for the person's own words, links and pixel. By channel:
 *   email               subject, preheader, html, text
 *   sms                 text, with its STOP mention; no subject
 *   push                subject is the title, text the body
 *   in-app              the same, the call to action by its label and link 0, and the transparent words
 *   letter, e-letter    subject, and text whose paragraphs are parted by empty lines
 */
export interface CompiledMessage {
  readonly subject: string;
  readonly preheader: string;
  /** In plain text, for a preview. */
  readonly headline: string;
  /** Empty but for e-mail. */
  readonly html: string;
  readonly text: string;
  readonly links: readonly CreativeLink[];
  readonly transparent?: TransparentWords;
}

export interface CreativeMeta {
  /** SHA-256 of the content and persona row it was made from: planning compares it with today's. */
  readonly inputs: string;
  readonly templateVersion: string;
  readonly headline: string;
  readonly ctaLabel: string;
  /** Most that one message may cost, in millionths of a euro. */
  readonly unitMicros?: number;
  /** Of an e-mail. */
  readonly weightBytes?: number;
  /** Blob of an e-mail's header. */
  readonly logoSha?: string;
  /** Of an in-app message. */
  readonly transparent?: TransparentWords;
  /** Who wrote new words after this revision, and when; the next revision is made of them. */
  readonly revisedBy?: string;
  readonly revisedAt?: string;
}
