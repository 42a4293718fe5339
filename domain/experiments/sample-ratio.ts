import { chiSquareTail } from './chi-square';
import { asP } from './p-value';
import { deviance } from './special/deviance';
import { lnGamma } from './special/ln-gamma';
import { stirlingError } from './special/stirling-error';

/** People of each arm, and the weights they were dealt by. */
export interface Sizes {
  readonly observed: readonly number[];
  readonly weights: readonly number[];
}

export interface SampleRatio {
  readonly chi2: number;
  readonly df: number;
  /** Of what decides at this look: chi-square at the end, before it what holds at every look. null: too few people to check. */
  readonly p: number | null;
  readonly verdict: 'ok' | 'warn' | 'fail' | 'skipped';
}

const FAIL_BELOW = 0.001;
const WARN_BELOW = 0.01;
const MIN_EXPECTED = 5;
/** Of its expected size, an arm that is less off than this cannot change a verdict, however small p gets. */
const MIN_DEVIATION = 0.001;

/**
 * Sample-ratio check: do the arms have the sizes their weights promise? At the end Pearson's chi-square with k − 1 degrees
 * of freedom; at an early look, since a chi-square that is asked again and again fails in the end, the p that holds at every
 * look. Fails below p = 0.001 and warns below 0.01 (the limits of Fabijan et al., KDD 2019, as the large experimentation
 * platforms apply them); skipped where an arm expects fewer than 5.
 */
export function sampleRatio(input: Sizes & { readonly look?: 'early' | 'final' }): SampleRatio {
  const total = input.observed.reduce((sum, n) => sum + n, 0);
  const weight = input.weights.reduce((sum, w) => sum + w, 0);
  const cells = input.observed.map((observed, i) => ({
    observed,
    expected: (total * (input.weights[i] ?? 0)) / weight,
  }));
  const df = cells.length - 1;
  if (df < 1 || cells.some(({ expected }) => !(expected >= MIN_EXPECTED))) {
    return { chi2: 0, df: Math.max(0, df), p: null, verdict: 'skipped' };
  }
  const chi2 = cells.reduce((sum, { observed, expected }) => sum + (observed - expected) ** 2 / expected, 0);
  const p = input.look === 'early' ? anytimeSampleRatioP(input) : chiSquareTail(chi2, df);
  const deviation = Math.max(
    ...cells.map(({ observed, expected }) => Math.abs(observed - expected) / expected),
  );
  if (deviation < MIN_DEVIATION || p >= WARN_BELOW) return { chi2, df, p, verdict: 'ok' };
  return { chi2, df, p, verdict: p < FAIL_BELOW ? 'fail' : 'warn' };
}

/** p of the sizes that may be looked at as often as one likes. */
export const anytimeSampleRatioP = (sizes: Sizes): number => asP(Math.exp(-lnSampleRatioEvidence(sizes)));

/** Weight of the mixture's prior, in people: small enough to react within thousands. */
const PRIOR_PEOPLE = 100;

/**
 * ln of the evidence against the weights, which may be looked at as often as one likes: passes 1 / alpha with probability
 * alpha at most where people are dealt by them. M. Lindon and A. Malek, "Anytime-valid inference for multinomial count
 * data", NeurIPS 2022, with a prior of a hundred people dealt by the weights.
 */
export function lnSampleRatioEvidence(input: Sizes): number {
  const weight = input.weights.reduce((sum, w) => sum + w, 0);
  const all = PRIOR_PEOPLE + input.observed.reduce((sum, n) => sum + n, 0);
  // Gamma functions by Stirling's formula, what is large in them put together as deviances: nothing cancels.
  return input.observed.reduce(
    (sum, n, i) => {
      const share = (input.weights[i] ?? 0) / weight;
      const prior = PRIOR_PEOPLE * share;
      const after = prior + n;
      return (
        sum +
        deviance(after, all * share) +
        prior * Math.log(share) -
        lnGamma(prior) +
        stirlingError(after) +
        0.5 * Math.log((2 * Math.PI) / after)
      );
    },
    lnGamma(PRIOR_PEOPLE) - stirlingError(all) - 0.5 * Math.log((2 * Math.PI) / all),
  );
}
