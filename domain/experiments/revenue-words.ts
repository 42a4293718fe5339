import { durationWords } from '../improvement/report/duration';
import { decimalsOf } from '../shared/money';
import { formatP } from './p-value';
import type { RevenueEffects } from './revenue';
import { confidence } from './words';

/** `+1,234.50 EUR`, from minor units. */
function money(units: number, currency: string): string {
  const decimals = decimalsOf(currency);
  const text = (Math.abs(units) / 10 ** decimals).toLocaleString('en', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  const sign = Number(text.replaceAll(',', '')) === 0 ? '' : units < 0 ? '−' : '+';
  return `${sign}${text} ${currency}`;
}

const unsigned = (units: number, currency: string): string => money(units, currency).replace(/^[+−]/, '');

/** What was counted, and that it decides nothing. */
export const revenueNote = ({ event, windowSeconds, currency }: RevenueEffects): string =>
  `What people spent by ${event} within ${durationWords(windowSeconds)}, in ${currency}, beyond what as many of the reference ` +
  'would have. Nothing is decided by it: a few large purchases make it vary much.';

/** A line for each arm: what it brought, what it cost, what came of that. */
export const revenueLines = (
  { currency, effects }: RevenueEffects,
  alpha: number,
  label: (arm: string) => string,
): string[] =>
  effects.map(({ arm, against, n, revenue, revenueCi, cost, roi, roiCi, p, mean, referenceMean }) => {
    const range = `${confidence(alpha)} interval ${money(revenueCi[0], currency)} to ${money(revenueCi[1], currency)}`;
    const brought =
      `${label(arm)}: ${money(revenue, currency)} beyond ${label(against)} from ${n.toLocaleString('en')} people (${range}; ` +
      `p ${formatP(p)}); ${unsigned(mean, currency)} a person against ${unsigned(referenceMean, currency)}`;
    if (roi === null || roiCi === null) return `${brought}.`;
    const times = (value: number): string => `${(value + 1).toFixed(1)}`.replace('-', '−');
    return (
      `${brought}. Its messages cost ${unsigned(cost, currency)} more: ${times(roi)} back for each one spent ` +
      `(${times(roiCi[0])} to ${times(roiCi[1])}).`
    );
  });
