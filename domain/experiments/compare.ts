import { benjaminiHochberg } from './benjamini-hochberg';
import { betaBinomial } from './beta-binomial';
import { finite } from './bounds';
import { alwaysValidP, sequenceHalfWidth, type Estimate } from './confidence-sequence';
import {
  isShare,
  type ArmOutcome,
  type Comparison,
  type MeanArm,
  type ShareArm,
  type TestResult,
} from './evaluation';
import { holm } from './holm';
import { mannWhitney } from './mann-whitney';
import { squaredError, welchInterval, welchTest, type Moments } from './means';
import { fiellerLift, katzLift } from './relative-lift';
import { newcombeInterval, rateOf, smallestExpected, twoProportionTest } from './two-proportions';

/** The usual rule for a chi-square on four cells. */
const MIN_EXPECTED = 5;
/** Below it the mean of what is skewed is not normal enough. */
const MIN_VALUES = 30;

export interface CompareTerms {
  readonly alpha: number;
  readonly look: 'early' | 'final';
  /** Of alpha, what this look may spend. */
  readonly share: number;
  readonly bayes: boolean;
  /** People of both arms the always-valid interval is narrowest at. */
  readonly planned: (arm: ArmOutcome, against: ArmOutcome) => number;
  /** Means after what the covariate foretold is taken out; null: not asked. */
  readonly adjusted: ReadonlyMap<string, Moments> | null;
}

/** Each arm against one other, p adjusted over them together. */
export function compareWith(
  arms: readonly ArmOutcome[],
  against: ArmOutcome,
  terms: CompareTerms,
): Comparison[] {
  const compared = arms.map((arm) => comparisonOf(arm, against, terms));
  const ps = compared.map(({ p }) => p);
  const [byHolm, byHochberg] = [holm(ps), benjaminiHochberg(ps)];
  const spent = (p: number | undefined): number => Math.min(1, (p ?? 1) / terms.share);
  return compared.map((one, i) => ({
    ...one,
    pAdjusted: spent(byHolm[i]),
    qAdjusted: spent(byHochberg[i]),
  }));
}

type Unadjusted = Omit<Comparison, 'pAdjusted' | 'qAdjusted'>;

function comparisonOf(arm: ArmOutcome, against: ArmOutcome, terms: CompareTerms): Unadjusted {
  const told =
    isShare(arm) && isShare(against)
      ? ofShares(arm, against, terms)
      : ofMeans(asMean(arm), asMean(against), terms);
  const { se, decisive, ...rest } = told;
  const estimate: Estimate = { n: arm.n + against.n, difference: told.difference, se };
  const planned = terms.planned(arm, against);
  const anyLook = alwaysValidP(estimate, terms.alpha, planned);
  const half = se > 0 ? sequenceHalfWidth(estimate, terms.alpha, planned) : Infinity;
  const [least, most] = isShare(arm) ? [-1, 1] : [-Infinity, Infinity];
  return {
    arm: arm.key,
    against: against.key,
    ...rest,
    z: decisive.statistic,
    p: terms.look === 'final' ? decisive.p : anyLook,
    alwaysValid: {
      ci: [
        finite(Math.max(least, told.difference - half), told.difference),
        finite(Math.min(most, told.difference + half), told.difference),
      ],
      p: anyLook,
      planned,
    },
  };
}

type Told = Pick<Comparison, 'difference' | 'ci' | 'trusted' | 'relative' | 'tests' | 'bayes'> & {
  readonly se: number;
  readonly decisive: { readonly statistic: number; readonly p: number };
};

function ofShares(arm: ShareArm, against: ShareArm, terms: CompareTerms): Told {
  const plain = ofPlainShares(arm, against, terms);
  const { alpha, adjusted } = terms;
  const [own, other] = [adjusted?.get(arm.key), adjusted?.get(against.key)];
  if (own === undefined || other === undefined) return plain;
  const { t, df, p } = welchTest(own, other);
  const ci = welchInterval(own, other, alpha);
  return {
    ...plain,
    difference: own.mean - other.mean,
    ci: ci ?? [-1, 1],
    relative: fiellerLift(own, other, alpha),
    tests: [...plain.tests, { name: 'welch-cuped', statistic: t, df, p }],
    se: ci === null ? 0 : Math.sqrt(squaredError(own, other)),
    decisive: { statistic: t, p },
  };
}

function ofPlainShares(arm: ShareArm, against: ShareArm, { alpha, bayes }: CompareTerms): Told {
  const { z, p } = twoProportionTest(arm, against);
  const [own, other] = [rateOf(arm), rateOf(against)];
  const varies = arm.n > 0 && against.n > 0;
  return {
    difference: own - other,
    ci: newcombeInterval(arm, against, alpha),
    trusted: smallestExpected(arm, against) >= MIN_EXPECTED,
    relative: katzLift(arm, against, alpha),
    tests: [
      { name: 'two-proportion-z', statistic: z, df: null, p },
      { name: 'chi-square', statistic: z * z, df: 1, p },
    ],
    bayes: bayes ? betaBinomial(arm, against, alpha) : null,
    se: varies ? Math.sqrt((own * (1 - own)) / arm.n + (other * (1 - other)) / against.n) : 0,
    decisive: { statistic: z, p },
  };
}

function ofMeans(arm: MeanArm, against: MeanArm, { alpha, adjusted }: CompareTerms): Told {
  const [own, other] = [adjusted?.get(arm.key) ?? arm, adjusted?.get(against.key) ?? against];
  const plain = welchTest(arm, against);
  const decisive = adjusted === null ? plain : welchTest(own, other);
  const tests: TestResult[] = [{ name: 'welch', statistic: plain.t, df: plain.df, p: plain.p }];
  if (adjusted !== null)
    tests.push({ name: 'welch-cuped', statistic: decisive.t, df: decisive.df, p: decisive.p });
  if (arm.values !== undefined && against.values !== undefined) {
    const { u, p } = mannWhitney(arm.values, against.values);
    tests.push({ name: 'mann-whitney', statistic: u, df: null, p });
  }
  const difference = own.mean - other.mean;
  const ci = welchInterval(own, other, alpha);
  return {
    difference,
    ci: ci ?? [finite(-Infinity, difference), finite(Infinity, difference)],
    trusted: ci !== null && Math.min(arm.n, against.n) >= MIN_VALUES,
    relative: fiellerLift(own, other, alpha),
    tests,
    bayes: null,
    se: ci === null ? 0 : Math.sqrt(squaredError(own, other)),
    decisive: { statistic: decisive.t, p: decisive.p },
  };
}

/** Shares and means are not mixed in one test: the door has seen to it. */
function asMean(arm: ArmOutcome): MeanArm {
  if (isShare(arm)) throw new RangeError('a share is not compared with a mean');
  return arm;
}
