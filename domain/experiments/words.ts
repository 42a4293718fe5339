import { NO_BOUND } from './bounds';

/** Shares in words: `18.28%`, `+7.66 points`. Two decimals, more where they would all be zero. */

const decimalsFor = (percent: number): number => {
  const size = Math.abs(percent);
  if (size === 0 || size >= 0.1) return 2;
  return size >= 0.01 ? 3 : 4;
};

export const percent = (share: number): string => `${(share * 100).toFixed(decimalsFor(share * 100))}%`;

const signed = (share: number): string => {
  const text = (Math.abs(share) * 100).toFixed(decimalsFor(share * 100));
  if (Number(text) === 0) return text;
  return share < 0 ? `−${text}` : `+${text}`;
};

/** A difference of two shares, in percent points. */
export const points = (difference: number): string => `${signed(difference)} points`;

type Interval = readonly [number, number];

/** `+6.99 to +8.33` */
const range = ([low, high]: Interval): string => `${signed(low)} to ${signed(high)}`;

/** `95% interval +6.99 to +8.33` */
export const intervalWords = (ci: Interval, alpha: number): string =>
  `${confidence(alpha)} interval ${range(ci)}`;

/** `95%` at alpha 0.05. */
export const confidence = (alpha: number): string => `${Number(((1 - alpha) * 100).toFixed(2))}%`;

/** How levels and differences of a metric are written. */
export interface Figures {
  readonly level: (value: number) => string;
  readonly difference: (value: number) => string;
  readonly range: (ci: Interval) => string;
  readonly interval: (ci: Interval, alpha: number) => string;
}

export const SHARES: Figures = { level: percent, difference: points, range, interval: intervalWords };

const UNBOUNDED = 'no bound';

const amount = (value: number): string => {
  const size = Math.abs(value);
  if (size >= NO_BOUND) return UNBOUNDED;
  return size !== 0 && (size < 0.01 || size >= 1e9) ? value.toExponential(2) : value.toFixed(2);
};

const signedAmount = (value: number): string => {
  const text = amount(Math.abs(value));
  if (Number(text) === 0 || text === UNBOUNDED) return text;
  return value < 0 ? `−${text}` : `+${text}`;
};

const amountRange = ([low, high]: Interval): string => `${signedAmount(low)} to ${signedAmount(high)}`;

export const AMOUNTS: Figures = {
  level: amount,
  difference: signedAmount,
  range: amountRange,
  interval: (ci, alpha) => `${confidence(alpha)} interval ${amountRange(ci)}`,
};
