import { setTimeout as sleep } from 'node:timers/promises';

/** Wakes one loop; it remembers a ring that came while nobody waited. */
export interface Bell {
  readonly ring: () => void;
  /** Resolves at the next ring, after `ms`, or when the loop is to end. */
  rung(ms: number, signal: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let rang = false;
  let wake = (): void => {};
  return {
    ring: () => {
      rang = true;
      wake();
    },
    rung: async (ms, signal) => {
      if (!rang) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const resting = new AbortController();
        await Promise.race([
          woken,
          sleep(ms, undefined, { signal: AbortSignal.any([signal, resting.signal]) }).catch(() => undefined),
        ]);
        resting.abort();
      }
      rang = false;
    },
  };
}
