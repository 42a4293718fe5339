/** Files of the knowledge folder by name, with their whole content. */
export type KnowledgeFiles = Readonly<Record<string, string>>;

export interface Publication {
  /** Commit that has the files; null where nothing had changed or nothing could be committed. */
  readonly commit: string | null;
  /** Why the files are written and not committed; null: they are, or nothing had changed. */
  readonly notCommitted: string | null;
}

/** Where people read what was learnt. One writer at a time: the caller holds the lock. */
export interface KnowledgeBase {
  publish(files: KnowledgeFiles, message: string): Promise<Publication>;
}
