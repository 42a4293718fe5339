import type { Senders } from '../../domain/delivery/ports';
import type { Channel } from '../../domain/shared/words';

/**
 * How many messages may be on the wire at once, shared by the shards of one worker: the sender's connections. A row
 * is `sending` only while it holds a slot, so a worker that dies leaves no more uncertain rows than it has connections.
 */
export interface WireSlots {
  /** A shard takes part from here on; the function it gets back ends that. */
  join(): () => void;
  /** What one shard should hold at most, so that none starves the others. */
  share(): number;
  /** Takes up to `wanted` slots that are free; answers how many. */
  take(wanted: number): number;
  give(slots: number): void;
  /** Resolves at the next give. */
  changed(): Promise<void>;
}

/** Each provider has connections of its own. */
export type SlotsByChannel = Readonly<Record<Channel, WireSlots>>;

export const createSlots = (senders: Senders): SlotsByChannel => ({
  email: createWireSlots(senders.email.connections),
  sms: createWireSlots(senders.sms.connections),
  push: createWireSlots(senders.push.connections),
  'in-app': createWireSlots(senders['in-app'].connections),
  letter: createWireSlots(senders.letter.connections),
  'e-letter': createWireSlots(senders['e-letter'].connections),
});

function createWireSlots(total: number): WireSlots {
  let used = 0;
  let shards = 0;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };
  return {
    join: () => {
      shards += 1;
      return () => {
        shards -= 1;
        wake();
      };
    },
    share: () => Math.max(1, Math.floor(total / Math.max(1, shards))),
    take: (wanted) => {
      const taken = Math.max(0, Math.min(wanted, total - used));
      used += taken;
      return taken;
    },
    give: (slots) => {
      used -= slots;
      if (slots > 0) wake();
    },
    changed: () => new Promise((resolve) => waiting.push(resolve)),
  };
}
