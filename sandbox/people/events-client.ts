import { setTimeout as sleep } from 'node:timers/promises';
import { EVENTS_MAX, type EventInput } from '../../domain/events/event';

export interface EventsClient {
  add(event: EventInput): void;
  /** Resolves when everything added so far is in. */
  flush(): Promise<void>;
  readonly sent: number;
  /** Events of people Boucle does not know, such as those whose row was refused. */
  readonly unknown: number;
  close(): void;
}

export interface EventsClientOptions {
  /** Posts one batch; answers how many were of unknown people. Throws where it should be tried again. */
  readonly post: (events: readonly EventInput[]) => Promise<{ unknown: number }>;
  readonly everyMs?: number;
  readonly onFault?: (fault: unknown) => void;
}

const PAUSE_MS = 500;

/**
 * Collects events and posts them in batches. Each has an id of its own, so a batch whose answer got lost is posted
 * again without harm.
 */
export function createEventsClient({
  post,
  everyMs = 250,
  onFault = () => undefined,
}: EventsClientOptions): EventsClient {
  let waiting: EventInput[] = [];
  let sent = 0;
  let unknown = 0;
  let closed = false;
  let running: Promise<void> | null = null;

  const deliver = async (batch: readonly EventInput[]): Promise<void> => {
    while (!closed) {
      try {
        unknown += (await post(batch)).unknown;
        sent += batch.length;
        return;
      } catch (fault) {
        onFault(fault);
        await sleep(PAUSE_MS);
      }
    }
  };
  const drain = async (): Promise<void> => {
    while (waiting.length > 0 && !closed) {
      const batch = waiting.slice(0, EVENTS_MAX);
      waiting = waiting.slice(EVENTS_MAX);
      await deliver(batch);
    }
  };
  const flush = async (): Promise<void> => {
    while ((waiting.length > 0 || running) && !closed) {
      running ??= drain().finally(() => {
        running = null;
      });
      await running;
    }
  };
  const timer = setInterval(() => void flush(), everyMs);
  timer.unref();
  return {
    add: (event) => void waiting.push(event),
    flush,
    get sent() {
      return sent;
    },
    get unknown() {
      return unknown;
    },
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}
