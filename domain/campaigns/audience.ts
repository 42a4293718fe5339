import type { DeliveryState } from '../shared/words';

/** Each member is in one, by hash; a wave takes a range of them. */
export const BUCKETS = 10_000;

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

/**
 * What a ledger's rows, counted by state, come to. Open rows are counted and those without a row come on top, instead of
 * taking `open` for whatever is missing: a ledger that does not add up must show.
 */
export function deliveryCounts(
  planned: number,
  rows: readonly { readonly state: DeliveryState; readonly count: number }[],
): DeliveryCounts {
  const of = (...states: DeliveryState[]): number =>
    rows.filter((row) => states.includes(row.state)).reduce((sum, row) => sum + row.count, 0);
  const written = rows.reduce((sum, row) => sum + row.count, 0);
  return {
    planned,
    accepted: of('accepted'),
    failed: of('failed'),
    skipped: of('skipped'),
    uncertain: of('uncertain'),
    open: of('planned', 'claimed', 'sending') + Math.max(0, planned - written),
  };
}
