import { setTimeout as sleep } from 'node:timers/promises';
import { namesOf } from '../activities/failure';

export interface Drain<T> {
  /** The next ones, `most` at the most; nobody else gets them meanwhile. */
  readonly take: (most: number) => Promise<readonly T[]>;
  readonly handle: (one: T) => Promise<void>;
  readonly most: number;
  /** Between two looks where less than a batch was waiting. */
  readonly pollMs: number;
  /** Ends the loop; those in hand are finished first. */
  readonly signal: AbortSignal;
  /** A batch that could not be taken, or not be put down: its fault by name. The loop goes on. */
  readonly onFault: (name: string) => void;
}

/** Empties a queue in batches, and waits for more. A batch is handled at once, so that a slow one holds up no other's lease. */
export async function drain<T>({ take, handle, most, pollMs, signal, onFault }: Drain<T>): Promise<void> {
  while (!signal.aborted) {
    let taken = 0;
    try {
      const batch = await take(most);
      taken = batch.length;
      await Promise.all(batch.map(handle));
    } catch (fault) {
      taken = 0;
      onFault(namesOf(fault).name);
    }
    if (taken < most) await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}
