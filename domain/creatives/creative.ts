/** A place a tracked link may lead. `index` is its number in the message, from 0. */
export interface CreativeLink {
  readonly index: number;
  readonly url: string;
  readonly label: string;
}

/** A message before it is anybody's: Liquid is left in it for the person's own words, links and pixel. */
export interface CompiledMessage {
  readonly subject: string;
  readonly preheader: string;
  /** In plain text, for a preview. */
  readonly headline: string;
  readonly html: string;
  readonly text: string;
  readonly links: readonly CreativeLink[];
}

export interface CreativeMeta {
  /** SHA-256 of the content and persona row it was made from: planning compares it with today's. */
  readonly inputs: string;
  readonly templateVersion: string;
  readonly headline: string;
  readonly ctaLabel: string;
  readonly weightBytes: number;
  /** Blob of the header's logo. */
  readonly logoSha: string;
  /** Who wrote new words after this revision, and when; the next revision is made of them. */
  readonly revisedBy?: string;
  readonly revisedAt?: string;
}
