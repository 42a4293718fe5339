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

/** `95% interval +6.99 to +8.33` */
export const intervalWords = ([low, high]: readonly [number, number], alpha: number): string =>
  `${confidence(alpha)} interval ${signed(low)} to ${signed(high)}`;

const confidence = (alpha: number): string => `${Number(((1 - alpha) * 100).toFixed(2))}%`;

/** How levels and differences of a metric are written. */
export interface Figures {
  readonly level: (value: number) => string;
  readonly difference: (value: number) => string;
  readonly interval: (ci: readonly [number, number], alpha: number) => string;
}

export const SHARES: Figures = { level: percent, difference: points, interval: intervalWords };

const amount = (value: number): string => {
  const size = Math.abs(value);
  if (size > 1e300) return 'no bound';
  return size !== 0 && (size < 0.01 || size >= 1e9) ? value.toExponential(2) : value.toFixed(2);
};

const signedAmount = (value: number): string => {
  const text = amount(Math.abs(value));
  if (Number(text) === 0) return text;
  return value < 0 ? `−${text}` : `+${text}`;
};

export const AMOUNTS: Figures = {
  level: amount,
  difference: signedAmount,
  interval: ([low, high], alpha) =>
    `${confidence(alpha)} interval ${signedAmount(low)} to ${signedAmount(high)}`,
};
