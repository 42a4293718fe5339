import { faultsInARow } from '../../domain/delivery/breaker';
import type { SendOutcome } from '../../domain/delivery/ports';
import type { Channel } from '../../domain/shared/words';

/** Counts each provider's faults in a row, over all the shards of one worker. */
export interface CircuitBreaker {
  /** Tells it one round of answers; true: that is enough, and the count starts again for whoever resumes. */
  opens(channel: Channel, round: readonly SendOutcome[]): boolean;
}

export function createCircuitBreaker(limits: Readonly<Record<Channel, number>>): CircuitBreaker {
  const faults = new Map<Channel, number>();
  return {
    opens: (channel, round) => {
      const now = faultsInARow(faults.get(channel) ?? 0, round);
      const open = now >= limits[channel];
      faults.set(channel, open ? 0 : now);
      return open;
    },
  };
}
