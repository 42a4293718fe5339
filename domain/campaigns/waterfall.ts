import type { AudienceCounts } from './audience';

export interface WaterfallStep {
  /** `segment`, a reason that keeps people out, or `audience`. */
  readonly step: string;
  readonly people: number;
  /** Who is left after it. */
  readonly left: number;
}

/** In the order a freeze asks them: somebody counts at the first that applies. */
const ORDER = [
  'unreachable',
  'suppressed',
  'no-consent',
  'consent-expired',
  'doubtful',
  'no-persona',
  'holdout',
] as const;

/**
 * From the segment to the audience, each exclusion by its reason: `people` of the first step is the sum of all others. A
 * reason nobody was kept out for is there with 0.
 */
export function waterfall({ matched, excluded, holdout, members }: AudienceCounts): WaterfallStep[] {
  const by: Readonly<Record<string, number>> = { ...excluded, holdout };
  const others = Object.keys(by).filter((reason) => !ORDER.some((known) => known === reason));
  const steps: WaterfallStep[] = [{ step: 'segment', people: matched, left: matched }];
  let left = matched;
  for (const step of [...ORDER, ...others]) {
    const people = by[step] ?? 0;
    left -= people;
    steps.push({ step, people, left });
  }
  return [...steps, { step: 'audience', people: members, left }];
}

/** What the gate would have said at the freeze to a part of those to be written to: caps are a forecast, not an exclusion. */
export interface AudienceForecastNote {
  /** ISO 8601. */
  readonly at: string;
  /** Of so many members, taken by hash. */
  readonly looked: number;
  readonly allowed: number;
  /** Refused or put off, by reason; a cap with its key. */
  readonly held: Readonly<Record<string, number>>;
}
