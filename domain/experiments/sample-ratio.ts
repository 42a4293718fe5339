import { chiSquareTail } from './chi-square';

export interface SampleRatio {
  readonly chi2: number;
  readonly df: number;
  /** null: too few people to check. */
  readonly p: number | null;
  readonly verdict: 'ok' | 'warn' | 'fail' | 'skipped';
}

const FAIL_BELOW = 0.001;
const WARN_BELOW = 0.01;
const MIN_EXPECTED = 5;
/** Of its expected size, an arm that is less off than this cannot change a verdict, however small p gets. */
const MIN_DEVIATION = 0.001;

/**
 * Sample-ratio check: do the arms have the sizes their weights promise? Pearson's chi-square with k − 1 degrees of
 * freedom; fails below p = 0.001 and warns below 0.01 (the limits of Fabijan et al., KDD 2019, as the large
 * experimentation platforms apply them); skipped where an arm expects fewer than 5.
 */
export function sampleRatio(input: {
  readonly observed: readonly number[];
  readonly weights: readonly number[];
}): SampleRatio {
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
  const p = chiSquareTail(chi2, df);
  const deviation = Math.max(
    ...cells.map(({ observed, expected }) => Math.abs(observed - expected) / expected),
  );
  if (deviation < MIN_DEVIATION || p >= WARN_BELOW) return { chi2, df, p, verdict: 'ok' };
  return { chi2, df, p, verdict: p < FAIL_BELOW ? 'fail' : 'warn' };
}
