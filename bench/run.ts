import { performance } from 'node:perf_hooks';
import type { Bench, BenchResult } from './bench';

/** The machine's speed moves by 40 % from minute to minute: pairs run side by side, and the middle ratio counts. */
const ROUNDS = 3;

/** Runs ours and the reference in turn, changing who goes first, and answers the medians. */
export async function runBench(bench: Bench, n: number, say: (words: string) => void): Promise<BenchResult> {
  const began = performance.now();
  say(`${bench.name}: ${bench.workload}`);
  if (bench.against !== null) say(`against: ${bench.against}`);
  const prepared = await bench.prepare(n, say);
  const ours: number[] = [];
  const reference: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const sides: (() => Promise<void>)[] = [async () => void ours.push(await prepared.ours())];
      const { reference: other } = prepared;
      if (other !== null) sides.push(async () => void reference.push(await other()));
      if (round % 2 === 1) sides.reverse();
      for (const side of sides) await side();
      say(
        `  round ${round + 1}: ours ${shown(ours[round])}${other === null ? '' : `, reference ${shown(reference[round])}`} ${bench.unit}`,
      );
    }
    const ratios = ours.map((figure, i) => figure / (reference[i] ?? NaN));
    return {
      bench: bench.name,
      n,
      unit: bench.unit,
      ours: median(ours),
      reference: reference.length === 0 ? null : median(reference),
      ratio: reference.length === 0 ? null : median(ratios),
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
      seconds: Math.round((performance.now() - began) / 100) / 10,
      notes: prepared.notes(),
    };
  } finally {
    await prepared.close();
  }
}

/** Wall-clock seconds of a piece of work. */
export async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return rounded(sorted[Math.floor(sorted.length / 2)] ?? NaN);
}

const rounded = (value: number): number => Number(value.toPrecision(4));
const shown = (value: number | undefined): string => String(rounded(value ?? NaN));
