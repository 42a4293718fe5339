import { asP } from '../p-value';
import { incompleteBeta } from './incomplete-beta';
import { normalQuantile } from './normal-quantile';
import { normalTail } from './normal-tail';

/**
 * P(|T| > |t|) of Student's distribution with `df` > 0 degrees of freedom, never 0: I_x(df / 2, ½) at x = df / (df + t²)
 * (NIST DLMF 8.17.18), whose complement t² / (df + t²) is handed over as it is: with many degrees of freedom, 1 − x has
 * lost its digits.
 */
export function studentTwoSided(t: number, df: number): number {
  const square = t * t;
  if (df >= NEAR_NORMAL && square <= NEAR_SQUARE) return nearNormal(Math.abs(t), df);
  return asP(incompleteBeta(df / 2, 0.5, df / (df + square), square / (df + square)).lower);
}

/**
 * With this many degrees of freedom the continued fraction loses digits near the middle, and the first correction of the
 * normal tail is exact to 1e-10 up to this t².
 */
const NEAR_NORMAL = 1e7;
const NEAR_SQUARE = 25;

/** P(|Z| > t) + φ(t) (t³ + t) / (2 df): R. A. Fisher's expansion (Metron 5, 1925) to its first term. */
const nearNormal = (t: number, df: number): number =>
  2 * normalTail(t) + (Math.exp(-0.5 * t * t) / Math.sqrt(2 * Math.PI)) * ((t * t * t + t) / (2 * df));

/** t with P(T > t) = `tail`, 0 < tail < ½: bisection of ln t between the normal quantile and where the tail is thinner. */
export function studentQuantile(tail: number, df: number): number {
  const isBeyond = (t: number): boolean => studentTwoSided(t, df) < 2 * tail;
  let low = normalQuantile(tail);
  let high = low * 2;
  while (!isBeyond(high)) {
    low = high;
    high *= 2;
  }
  let [from, to] = [Math.log(low), Math.log(high)];
  for (let i = 0; i < 60; i += 1) {
    const middle = (from + to) / 2;
    if (isBeyond(Math.exp(middle))) to = middle;
    else from = middle;
  }
  return Math.exp((from + to) / 2);
}
