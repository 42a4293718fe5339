/** Counts of a frozen audience. matched = members + holdout + sum(excluded); members = sum(parts). */
export interface AudienceCounts {
  readonly matched: number;
  /** By the first reason that applied: no-consent, consent-expired, suppressed, unreachable, doubtful, no-persona. */
  readonly excluded: Readonly<Record<string, number>>;
  readonly holdout: number;
  readonly members: number;
  /** Of pilot and test; people of the roll-out have no arm before the decision. */
  readonly arms: Readonly<Record<string, number>>;
  readonly parts: { readonly pilot: number; readonly test: number; readonly rollout: number };
  readonly personas: Readonly<Record<string, number>>;
}

/** Counts of the ledger for one wave or a whole campaign. planned = accepted + failed + skipped + uncertain + open. */
export interface DeliveryCounts {
  readonly planned: number;
  readonly accepted: number;
  readonly failed: number;
  readonly skipped: number;
  readonly uncertain: number;
  /** Not settled yet: no row so far, deferred, claimed or on the wire. */
  readonly open: number;
}
