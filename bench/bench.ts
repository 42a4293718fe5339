/** One thing measured. `figure` is what both sides answer: seconds, or units a second. */
export interface Bench {
  readonly name: string;
  /** What is done, in one sentence; printed first. */
  readonly workload: string;
  readonly against: string | null;
  readonly defaultN: number;
  readonly unit: 'seconds' | 'per second';
  /** What the ratio (or, without a reference, the figure) should reach. */
  readonly reach: { readonly atMost: number } | { readonly atLeast: number };
  prepare(n: number, say: (words: string) => void): Promise<PreparedBench>;
}

export interface PreparedBench {
  ours(): Promise<number>;
  /** null: there is nothing to compare with but the limit. */
  readonly reference: (() => Promise<number>) | null;
  /** What a reader has to know beside the figures; asked for at the end. */
  notes(): readonly string[];
  close(): Promise<void>;
}

/** The last line printed with --json. */
export interface BenchResult {
  readonly bench: string;
  readonly n: number;
  readonly unit: string;
  readonly ours: number;
  readonly reference: number | null;
  readonly ratio: number | null;
  readonly peakRssMb: number;
  readonly seconds: number;
  readonly notes: readonly string[];
}
