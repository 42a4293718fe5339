import type { Cuped } from './cuped';
import { isShare, type Evaluation, type ExperimentInput, type HealthCheck } from './evaluation';
import { formatP } from './p-value';
import { anytimeSampleRatioP, sampleRatio, type SampleRatio } from './sample-ratio';
import { percent } from './words';

const SEVERITY = { skipped: 0, ok: 1, warn: 2, fail: 3 } as const satisfies Record<
  SampleRatio['verdict'],
  number
>;

/** Of everybody, those who got two arms: a handful always do. */
const EXPOSED_TWICE = 0.01;
const EXPOSED_TWICE_PEOPLE = 10;
/** Of an arm's whole amount, what one person may be. */
const ONE_PERSON = 0.1;
/** A covariate that explains less is a burden without a use. */
const LITTLE = 0.01;

/**
 * Whether the test is to be believed at all, before anything is read from it. `adjustment`: what the covariate took out;
 * null where it is not asked for, or not there.
 */
export function healthOf(input: ExperimentInput, adjustment: Cuped | null): Evaluation['health'] {
  const { arms, look = 'final' } = input;
  const weights = arms.map((arm) => arm.weight);
  const sizes = { observed: arms.map((arm) => arm.n), weights };
  const allowed = sampleRatio({ ...sizes, look });
  const counted = arms.every((arm) => arm.assigned !== undefined);
  const assigned = counted
    ? sampleRatio({ observed: arms.map((arm) => arm.assigned ?? 0), weights, look })
    : null;
  const worst = assigned && SEVERITY[assigned.verdict] > SEVERITY[allowed.verdict] ? assigned : allowed;
  const checks = [
    sampleRatioCheck(worst, look),
    ...missing(input),
    ...exposedTwice(input),
    ...outliers(input),
    ...covariate(input, adjustment),
  ];
  return {
    srmP: allowed.p,
    verdict: checks.map((check) => check.verdict).reduce((a, b) => (SEVERITY[b] > SEVERITY[a] ? b : a)),
    allowed,
    assigned,
    anytimeP: anytimeSampleRatioP(sizes),
    checks,
  };
}

const sampleRatioCheck = ({ verdict, p }: SampleRatio, look: 'early' | 'final'): HealthCheck => ({
  name: 'sample-ratio',
  verdict,
  words:
    p === null
      ? 'Too few people to compare the sizes of the arms.'
      : `Sizes of the arms: p ${formatP(p)}, ${look === 'early' ? 'which holds at every look' : 'by chi-square'}.`,
});

/** Outcomes that are lost must be lost alike, whatever the arm. */
function missing({ arms }: ExperimentInput): HealthCheck[] {
  if (arms.every((arm) => arm.missing === undefined)) return [];
  const lost = arms.map((arm) => arm.missing ?? 0);
  const { p, verdict } = sampleRatio({
    observed: lost,
    weights: arms.map((arm, i) => arm.n + (lost[i] ?? 0)),
  });
  const counts = arms.map((arm, i) => `${arm.label ?? arm.key} ${lost[i] ?? 0}`).join(', ');
  return [
    {
      name: 'missing-outcomes',
      verdict,
      words: `Outcomes that are not known: ${counts}${p === null ? '' : ` (p ${formatP(p)})`}.`,
    },
  ];
}

function exposedTwice({ arms, exposedTwice: people }: ExperimentInput): HealthCheck[] {
  if (people === undefined) return [];
  const share =
    people /
    Math.max(
      1,
      arms.reduce((sum, arm) => sum + arm.n, 0),
    );
  return [
    {
      name: 'double-exposure',
      verdict: people >= EXPOSED_TWICE_PEOPLE && share > EXPOSED_TWICE ? 'fail' : 'ok',
      words: `People who got more than one arm: ${people} (${percent(share)}).`,
    },
  ];
}

/** One buyer of a thousand lamps must not decide a test. */
function outliers({ arms, winsoriseAt }: ExperimentInput): HealthCheck[] {
  const shares = arms.flatMap((arm) => {
    const values = isShare(arm) ? undefined : arm.values;
    if (values === undefined || values.length === 0) return [];
    const all = values.reduce((sum, value) => sum + Math.abs(value), 0);
    const most = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    return all > 0 ? [{ arm: arm.label ?? arm.key, share: most / all, n: values.length }] : [];
  });
  if (shares.length === 0) return [];
  // A few people always hold much of it.
  const heavy = shares.filter(({ share, n }) => share > Math.max(ONE_PERSON, 5 / n));
  const cut =
    winsoriseAt === undefined
      ? ''
      : ` Amounts above the ${percent(winsoriseAt)} quantile count as it, as planned.`;
  return [
    {
      name: 'outliers',
      verdict: heavy.length > 0 ? 'warn' : 'ok',
      words:
        (heavy.length > 0
          ? `One person makes ${heavy.map(({ arm, share }) => `${percent(share)} of ${arm}`).join(', ')}.`
          : 'Nobody makes a large part of an arm alone.') + cut,
    },
  ];
}

function covariate({ cuped: asked }: ExperimentInput, adjustment: Cuped | null): HealthCheck[] {
  if (asked !== true) return [];
  if (adjustment === null)
    return [
      {
        name: 'covariate',
        verdict: 'warn',
        words: 'What was known of people before was to be taken out, and is not there for every arm.',
      },
    ];
  const { reduction } = adjustment;
  return [
    {
      name: 'covariate',
      verdict: 'ok',
      words:
        reduction < LITTLE
          ? `What was known of people before explains next to nothing (${percent(reduction)} of the variance).`
          : `What was known of people before takes out ${percent(reduction)} of the variance.`,
    },
  ];
}
