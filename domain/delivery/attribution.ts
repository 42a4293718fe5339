import type { Scenario } from '../campaigns/scenario';

/** What counts as a campaign's conversion, and for how long after a touch. */
export interface AttributionTerms {
  readonly event: string;
  readonly windowSeconds: number;
  /** The touch: a click by the person, or the message itself. */
  readonly from: 'click' | 'delivery';
}

/** What the scenario declares; else its primary metric, counted from the message. */
export const attributionTerms = ({ attribution, primaryMetric }: Scenario): AttributionTerms =>
  attribution ?? { event: primaryMetric.event, windowSeconds: primaryMetric.windowSeconds, from: 'delivery' };

const HOUR = 3_600;
const DAY = 86_400;

/** Time from touch to conversion: upper ends in seconds, each exclusive; later ones are in the last bucket. */
export const LAG_BUCKETS = [
  { key: '1h', belowSeconds: HOUR },
  { key: '6h', belowSeconds: 6 * HOUR },
  { key: '1d', belowSeconds: DAY },
  { key: '3d', belowSeconds: 3 * DAY },
  { key: '7d', belowSeconds: 7 * DAY },
  { key: '14d', belowSeconds: 14 * DAY },
  { key: '30d', belowSeconds: 30 * DAY },
] as const;
export const LATEST_BUCKET = 'later';
