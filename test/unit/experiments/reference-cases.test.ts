import { benjaminiHochberg } from '../../../domain/experiments/benjamini-hochberg';
import { betaBinomial } from '../../../domain/experiments/beta-binomial';
import { alwaysValidP, sequenceHalfWidth } from '../../../domain/experiments/confidence-sequence';
import { cuped } from '../../../domain/experiments/cuped';
import { lnEventShareEvidence } from '../../../domain/experiments/event-share';
import { holm } from '../../../domain/experiments/holm';
import { mannWhitney } from '../../../domain/experiments/mann-whitney';
import { momentsOfSums, squaredError, welchInterval, welchTest } from '../../../domain/experiments/means';
import { fiellerLift, katzLift } from '../../../domain/experiments/relative-lift';
import { lnSampleRatioEvidence } from '../../../domain/experiments/sample-ratio';
import { sampleSizeOfMeans, sampleSizePerArm } from '../../../domain/experiments/sample-size';
import { studentQuantile, studentTwoSided } from '../../../domain/experiments/special/student';
import { newcombeInterval, twoProportionTest } from '../../../domain/experiments/two-proportions';
import references from './references/evaluation.json';

const near = (got: number | undefined, want: number | undefined, relative = 1e-9): void => {
  expect(Math.abs((got ?? NaN) - (want ?? NaN))).toBeLessThanOrEqual(
    relative * Math.abs(want ?? NaN) + 1e-300,
  );
};

/** Of tails below 1e-100, the digits of the logarithm. */
const nearP = (got: number | undefined, want: number): void => {
  if (want < 1e-100) near(Math.log(got ?? NaN), Math.log(want));
  else near(got, want);
};

const both = (
  got: readonly number[] | null | undefined,
  want: readonly number[],
  relative?: number,
): void => {
  want.forEach((end, i) => near(got?.[i], end, relative));
};

test.each(references.welch.cases)('Welch: $a against $b', ({ a, b, t, df, p, interval95 }) => {
  const [reference, arm] = [momentsOfSums(a), momentsOfSums(b)];
  const got = welchTest(arm, reference);
  near(got.t, t);
  near(got.df, df);
  nearP(got.p, p);
  // A bound near 0 is told to a part of the interval's width.
  const width = (interval95[1] ?? 0) - (interval95[0] ?? 0);
  const interval = welchInterval(arm, reference, 0.05);
  interval95.forEach((end, i) =>
    expect(Math.abs((interval?.[i] ?? NaN) - end)).toBeLessThanOrEqual(1e-9 * Math.max(width, Math.abs(end))),
  );
});

test.each(references.studentTail.cases)('Student: beyond $t with $df degrees', ({ t, df, p }) => {
  nearP(studentTwoSided(t, df), p);
});

test.each(references.studentQuantile.cases)('Student: $tail with $df degrees', ({ tail, df, t }) => {
  near(studentQuantile(tail, df), t);
});

test.each(references.mannWhitney.cases)('Mann–Whitney, $method: p $p', ({ a, b, u, p, method }) => {
  const got = mannWhitney(b, a);
  expect(got.u).toBe(u);
  near(got.p, p);
  expect(got.exact).toBe(method === 'exact');
});

test.each(references.katz.cases)('Katz: $b over $a', ({ a, b, ratio, interval95 }) => {
  const lift = katzLift(b, a, 0.05);
  near(lift?.lift, ratio - 1);
  both(
    lift?.ci,
    interval95.map((end) => end - 1),
  );
});

test.each(references.fieller.cases)('Fieller: $b over $a', ({ a, b, interval95 }) => {
  const moments = ({ mean, seOfMean }: { mean: number; seOfMean: number }) => ({
    n: 4,
    mean,
    variance: 4 * seOfMean * seOfMean,
  });
  const lift = fiellerLift(moments(b), moments(a), 0.05);
  both(lift?.ci, interval95, 1e-8);
});

test.each(references.confidenceSequence.cases)(
  'confidence sequence: $estimate of $n, tuned to $nStar',
  ({ estimate, se, n, nStar, alpha, halfWidth, p }) => {
    const given = { n, difference: estimate, se };
    near(sequenceHalfWidth(given, alpha, nStar), halfWidth);
    nearP(alwaysValidP(given, alpha, nStar), p);
  },
);

test.each(references.eventShare.cases)('event share: $xb of one, $xa of the other', ({ xa, xb, w, lnE }) => {
  const got = lnEventShareEvidence({ arm: xb, reference: xa, share: w });
  expect(Math.abs(got - lnE)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(lnE)));
});

test.each(references.sequentialSampleRatio.cases)('sample ratio at every look: $observed', (one) => {
  expect(Math.abs(lnSampleRatioEvidence(one) - one.lnBF)).toBeLessThanOrEqual(
    1e-9 * Math.max(1, Math.abs(one.lnBF)),
  );
});

test.each(references.betaBinomial.cases)('posterior: $b against $a', (one) => {
  const got = betaBinomial(one.b, one.a, 0.05);
  near(got.pBetter, one.pBetter, 1e-6);
  near(got.expectedLoss, one.expectedLoss, 1e-6);
  both(got.interval, one.bInterval);
  both(betaBinomial(one.a, one.b, 0.05).interval, one.aInterval);
});

test.each(references.cuped.cases)('CUPED: theta $theta', ({ a, b, theta, difference, se, t, df, p }) => {
  const got = cuped([a, b]);
  near(got.theta, theta);
  const [reference, arm] = got.arms;
  if (reference === undefined || arm === undefined) throw new Error('two arms');
  near(arm.mean - reference.mean, difference);
  near(Math.sqrt(squaredError(arm, reference)), se);
  const welch = welchTest(arm, reference);
  near(welch.t, t);
  near(welch.df, df);
  near(welch.p, p);
});

test.each(references.benjaminiHochberg.cases)('Benjamini–Hochberg: $ps', ({ ps, adjusted }) => {
  both(benjaminiHochberg(ps), adjusted);
});

test.each(references.holm.cases)('Holm: $ps', ({ ps, adjusted }) => {
  both(holm(ps), adjusted);
});

test.each(references.sampleSize.cases)('people for $p1 against $p2, $ratio to one', (one) => {
  near(sampleSizePerArm(one.p1, one.p2, one, one.ratio), one.nControl);
});

test.each(references.sampleSizeMean.cases)('people for $difference of sd $sd', (one) => {
  near(sampleSizeOfMeans(one, one, one.ratio), one.nControl);
});

test.each(references.bigProportions.cases)('$events of $n against $referenceEvents of $referenceN', (one) => {
  const arm = { n: one.n, events: one.events };
  const reference = { n: one.referenceN, events: one.referenceEvents };
  const { z, p } = twoProportionTest(arm, reference);
  near(z, one.z);
  nearP(p, one.p);
  const width = (one.newcombe95[1] ?? 0) - (one.newcombe95[0] ?? 0);
  newcombeInterval(arm, reference, 0.05).forEach((end, i) =>
    expect(Math.abs(end - (one.newcombe95[i] ?? NaN))).toBeLessThanOrEqual(1e-9 * width),
  );
});
