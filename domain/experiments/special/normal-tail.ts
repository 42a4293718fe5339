import { erfc } from './erfc';

/** P(Z > z) of the standard normal distribution; keeps its digits to z ≈ 38, then falls to 0. */
export const normalTail = (z: number): number => erfc(z / Math.SQRT2) / 2;
