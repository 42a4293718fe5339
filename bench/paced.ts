import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answered } from './events-back-clients';
import { openHttpLines } from './http-lines';

export interface Call {
  /** The status it should be answered with. */
  readonly wanted: number;
  /** Head and body as they go on the wire; made when it is due. */
  request(): string;
}

const CONNECTIONS = 128;

/** Makes calls at a steady rate a second, each due at its own time whatever became of the ones before. */
export async function paced(port: number, calls: readonly Call[], rate: number): Promise<Answered> {
  const lines = openHttpLines(port, CONNECTIONS);
  const waits: number[] = [];
  const faults: string[] = [];
  const underWay: Promise<void>[] = [];
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (const [n, { wanted, request }] of calls.entries()) {
    const dueMs = began + (n * 1_000) / rate;
    const early = dueMs - performance.now();
    if (early > 1) await sleep(early);
    underWay.push(
      lines.ask(request()).then(
        (status) => {
          waits.push(performance.now() - dueMs);
          if (status !== wanted) faults.push(`${status} instead of ${wanted}`);
        },
        (fault: unknown) => void faults.push(String(fault)),
      ),
    );
  }
  await Promise.all(underWay);
  const { user, system } = process.cpuUsage(cpu);
  lines.close();
  return {
    calls: calls.length,
    waitsMs: waits.sort((a, b) => a - b),
    faults,
    seconds: (performance.now() - began) / 1_000,
    cpuSeconds: (user + system) / 1e6,
  };
}
