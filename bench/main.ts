import { parseArgs } from 'node:util';
import type { Bench, BenchResult } from './bench';
import { BENCHES } from './registry';
import { runBench } from './run';

const USAGE = `usage: npm run bench -- ${BENCHES.map((b) => b.name).join('|')} [--n N] [--json]`;

function chosen(): { bench: Bench; n: number; json: boolean } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { n: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const bench = BENCHES.find((b) => b.name === positionals[0]);
  const n = Number((values.n ?? String(bench?.defaultN ?? 0)).replaceAll('_', ''));
  if (bench === undefined || positionals.length !== 1 || !Number.isSafeInteger(n) || n < 1) {
    console.error(USAGE);
    process.exit(2);
  }
  return { bench, n, json: values.json };
}

function summary(bench: Bench, result: BenchResult): string {
  const { reach } = bench;
  const goal = 'atMost' in reach ? `at most ${reach.atMost}` : `at least ${reach.atLeast}`;
  const figures =
    result.ratio === null
      ? `${result.ours} ${bench.unit} (wanted: ${goal})`
      : `ours ${result.ours} ${bench.unit}, reference ${result.reference}: ${result.ratio} × (wanted: ${goal} ×)`;
  return `${bench.name}, n = ${result.n}: ${figures}; ${result.peakRssMb} MB, ${result.seconds} s in all`;
}

async function main(): Promise<void> {
  const { bench, n, json } = chosen();
  const result = await runBench(bench, n, (words) => console.log(words));
  console.log(summary(bench, result));
  for (const note of result.notes) console.log(`  ${note}`);
  if (json) console.log(JSON.stringify(result));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
