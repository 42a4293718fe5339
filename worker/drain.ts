import { setTimeout as sleep } from 'node:timers/promises';
import { namesOf } from '../activities/failure';

export interface Drain<T> {
  /** The next ones, `room` at the most, beside those in hand; nobody else gets them meanwhile. */
  readonly take: (room: number, inHand: ReadonlySet<T>) => Promise<readonly T[]>;
  readonly handle: (one: T) => Promise<void>;
  /** In hand at once. */
  readonly most: number;
  /** Between two looks where less was waiting than there was room for. */
  readonly pollMs: number;
  /** Ends the loop; those in hand are finished first. */
  readonly signal: AbortSignal;
  /** Something could not be taken, or not be put down: its fault by name. The loop goes on. */
  readonly onFault: (name: string) => void;
}

/**
 * Empties a queue and waits for more. What is taken is handled at once, so that no lease runs while it waits, and a place is
 * filled as it comes free: nobody waits for the slowest.
 */
export async function drain<T>({ take, handle, most, pollMs, signal, onFault }: Drain<T>): Promise<void> {
  const inHand = new Set<T>();
  const running = new Set<Promise<void>>();
  const begin = (one: T): void => {
    inHand.add(one);
    const run = handle(one)
      .catch((fault: unknown) => onFault(namesOf(fault).name))
      .finally(() => {
        inHand.delete(one);
        running.delete(run);
      });
    running.add(run);
  };
  while (!signal.aborted) {
    const room = most - inHand.size;
    let taken = 0;
    try {
      const next = await take(room, inHand);
      taken = next.length;
      next.forEach(begin);
    } catch (fault) {
      onFault(namesOf(fault).name);
    }
    if (taken < room) await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    else await Promise.race(running);
  }
  await Promise.all(running);
}
