import type { DeliveryCounts } from '../campaigns/audience';

/** Everybody planned is somewhere, and nobody is in two places. */
export const addsUp = (counts: DeliveryCounts): boolean =>
  counts.planned === counts.accepted + counts.failed + counts.skipped + counts.uncertain + counts.open;

/** Nothing is left to do: each planned delivery has reached one of its four ends. */
export const isComplete = (counts: DeliveryCounts): boolean => counts.open === 0 && addsUp(counts);
