import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { namesOf } from '../activities/failure';

/** Runs `work` now and then every so often until the signal; a fault is logged and does not end it. */
export async function every(
  ms: number,
  signal: AbortSignal,
  log: Pick<Logger, 'warn'>,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      log.warn({ err: namesOf(error).name }, 'a round failed; the next one follows');
    }
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }
}
