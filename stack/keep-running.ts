import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './tools';

/** One life of a process. */
export interface Life {
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when it is over, with what ended it: a signal's name, or `code 1`. */
  readonly ended: Promise<string>;
  readonly stop: () => Promise<void>;
}

export interface KeepOptions {
  /** Name for a person, such as `The worker`. */
  readonly what: string;
  /** Starts it once more; resolves when it can be used. */
  readonly again: () => Promise<Life>;
  /** Told at every start, also after a death. */
  readonly started: (pid: number) => void;
  readonly log: Log;
}

export interface Kept {
  /** Undefined between a death and the next start. */
  pid(): number | undefined;
  stop(): Promise<void>;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** One that lived this long was well: its next death starts with a short pause again. */
const WELL_AFTER_MS = 30_000;

/**
 * Keeps a process running until it is stopped: an unexpected end is said, and it is started again after a growing
 * pause, however often that fails.
 */
export function keepRunning(first: Life, { what, again, started, log }: KeepOptions): Kept {
  const stopping = new AbortController();
  let life: Life | undefined;
  let pauseMs = FIRST_PAUSE_MS;

  /** To its end, which it tells. */
  const live = async (now: Life): Promise<string> => {
    const began = Date.now();
    life = now;
    started(now.pid);
    const by = await now.ended;
    life = undefined;
    if (Date.now() - began > WELL_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
    return `${what} ended unexpectedly (${by}; see ${now.logFile}): starting it again in`;
  };
  const rest = async (why: string): Promise<void> => {
    if (stopping.signal.aborted) return;
    const ms = pauseMs;
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    log(`${why} ${ms / 1_000} s.`);
    // Cut short by a stop.
    await sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  };
  const keep = async (): Promise<void> => {
    let why = await live(first);
    for (;;) {
      await rest(why);
      if (stopping.signal.aborted) return;
      try {
        const next = await again();
        if (stopping.signal.aborted) return await next.stop();
        log(`${what} runs again (pid ${next.pid}).`);
        why = await live(next);
      } catch (fault) {
        why = `${what} could not be started again (${fault instanceof Error ? fault.message : String(fault)}): trying in`;
      }
    }
  };

  const kept = keep();
  // Awaited by the stop: until then nobody else shall call it unhandled.
  kept.catch(() => undefined);
  return {
    pid: () => life?.pid,
    stop: async () => {
      stopping.abort();
      await life?.stop();
      await kept;
    },
  };
}
