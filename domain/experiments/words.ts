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
