/** Files of the knowledge folder by name, with their whole content. */
export type KnowledgeFiles = Readonly<Record<string, string>>;

export interface Publication {
  /** Commit that has the files; null where nothing had changed or nothing could be committed. */
  readonly commit: string | null;
  /** Why the files are written and not committed; null: they are, or nothing had changed. */
  readonly notCommitted: string | null;
}

/** What somebody committed to a file of the folder. */
export interface KnowledgeChange {
  readonly commit: string;
  /** By the name git has. */
  readonly author: string;
  /** First line of the commit's message. */
  readonly message: string;
  /** The whole file as it left it, read as UTF-8 with U+FFFD for what is not. */
  readonly content: string;
}

/** Where people read what was learnt. One writer at a time: the caller holds the lock. */
export interface KnowledgeBase {
  publish(files: KnowledgeFiles, message: string): Promise<Publication>;
  /**
   * Commits of other people to a file, the oldest first, but for those `seen` and what went before them; the rest of many
   * comes with the next call. None where there is no git to ask.
   */
  changes(name: string, seen: readonly string[]): Promise<KnowledgeChange[]>;
}
