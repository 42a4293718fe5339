import { performance } from 'node:perf_hooks';
import { evaluateExperiment } from '../domain/experiments/evaluate';
import { twoProportionTest } from '../domain/experiments/two-proportions';
import { randomFrom } from './random';
import type { Bench } from './bench';
import type { Evaluation, ExperimentInput } from '../domain/experiments/evaluation';

/** Draws of one seed. */
export interface Draws {
  binomial(n: number, p: number): number;
}

export interface Simulated {
  /** Of each rate: the reference's first. */
  readonly rates: readonly [number, number];
  readonly looks: number;
  /** People of each arm who come between two looks. */
  readonly perLook: number;
}

/** What became of one simulated test, by two ways of reading it. */
export interface Read {
  /** The fixed-horizon p was below alpha at any look. */
  readonly naive: boolean;
  /** At the last look alone. */
  readonly atTheEnd: boolean;
  /** As Boucle reads it: what holds at every look before the end, the fixed-horizon test at the end, alpha shared. */
  readonly ours: boolean;
  /** The same, before the end. */
  readonly oursEarly: boolean;
}

const ALPHA = 0.05;

/** Runs one test of two arms, looked at again and again. */
export function simulate({ rates, looks, perLook }: Simulated, draws: Draws): Read {
  const events = [0, 0];
  let [naive, atTheEnd, early] = [false, false, false];
  let ours = false;
  for (let look = 1; look <= looks; look += 1) {
    rates.forEach((rate, i) => (events[i] = (events[i] ?? 0) + draws.binomial(perLook, rate)));
    const n = look * perLook;
    const last = look === looks;
    const [reference, arm] = events.map((count) => ({ n, events: count }));
    const plain = arm !== undefined && reference !== undefined && twoProportionTest(arm, reference).p < ALPHA;
    naive ||= plain;
    if (last) atTheEnd = plain;
    if (ours) continue;
    ours = found(
      evaluateExperiment({
        ...input(n, events),
        look: last ? 'final' : 'early',
        earlyLooks: looks > 1,
        plannedPerArm: looks * perLook,
      }),
    );
    early ||= ours && !last;
  }
  return { naive, atTheEnd, ours, oursEarly: early };
}

const found = ({ comparisons }: Evaluation): boolean =>
  comparisons.some(({ pAdjusted, trusted }) => trusted && pAdjusted < ALPHA);

const input = (n: number, events: readonly number[]): ExperimentInput => ({
  metric: 'visit',
  direction: 'increase',
  alpha: ALPHA,
  minPerArm: 1,
  arms: ['none', 'new'].map((key, i) => ({
    key,
    weight: 1,
    control: i === 0,
    n,
    events: events[i] ?? 0,
  })),
});

/** Share of runs of which it is true. */
export function shares(runs: number, test: Simulated, draws: Draws): Record<keyof Read, number> {
  const counts = { naive: 0, atTheEnd: 0, ours: 0, oursEarly: 0 };
  for (let run = 0; run < runs; run += 1) {
    const read = simulate(test, draws);
    for (const key of ['naive', 'atTheEnd', 'ours', 'oursEarly'] as const) if (read[key]) counts[key] += 1;
  }
  return {
    naive: counts.naive / runs,
    atTheEnd: counts.atTheEnd / runs,
    ours: counts.ours / runs,
    oursEarly: counts.oursEarly / runs,
  };
}

const AA: Simulated = { rates: [0.01, 0.01], looks: 28, perLook: 500 };

export const peekingBench: Bench = {
  name: 'peeking',
  workload:
    'n tests of two arms without a difference (1 %), 28 looks of 500 people an arm: how many of them are called a result.',
  against: null,
  defaultN: 2_000,
  unit: 'seconds',
  reach: { atMost: 120 },
  prepare: (n) => {
    const said: string[] = [];
    let seed = 28;
    return Promise.resolve({
      ours: () => {
        const began = performance.now();
        const read = shares(n, AA, randomFrom((seed += 1)));
        said.push(
          `called a result: naive peeking ${(100 * read.naive).toFixed(1)} %, the last look alone ${(100 * read.atTheEnd).toFixed(1)} %, ours ${(100 * read.ours).toFixed(1)} % (before the end ${(100 * read.oursEarly).toFixed(1)} %)`,
        );
        if (read.ours > 0.05 + 3 * Math.sqrt((0.05 * 0.95) / n)) throw new Error(said.at(-1));
        return Promise.resolve((performance.now() - began) / 1_000);
      },
      reference: null,
      notes: () => said,
      close: () => Promise.resolve(),
    });
  },
};
