/** Content-addressed store of pictures and files. */
export interface BlobStore {
  /** Stores once; answers the SHA-256 in lower-case hex. */
  put(bytes: Uint8Array, contentType: string): Promise<string>;
  get(sha256: string): Promise<Uint8Array | null>;
}

export interface Brand {
  readonly key: string;
  readonly name: string;
  readonly sender: { readonly name: string; readonly address: string; readonly replyTo?: string };
  readonly colours: {
    readonly primary: string;
    readonly onPrimary: string;
    readonly background: string;
    readonly text: string;
    readonly muted: string;
  };
  /** SVG source, drawn to PNG for e-mail. */
  readonly logoSvg: string;
  readonly legalText: string;
  readonly address: string;
  readonly privacyUrl: string;
}
