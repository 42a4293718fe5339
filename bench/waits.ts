import type { Answered } from './events-back-clients';

export const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.floor(sorted.length * part)] ?? NaN;

export const waitsOf = ({ waitsMs }: Answered): string =>
  [0.5, 0.99, 0.999]
    .map((part) => `${part * 100} % within ${percentile(waitsMs, part).toFixed(1)} ms`)
    .join(', ');

export const coresOf = (cpu: Readonly<Record<string, number>>, seconds: number): string =>
  Object.entries(cpu)
    .map(([who, used]) => `${who} ${(used / seconds).toFixed(2)}`)
    .join(', ');
