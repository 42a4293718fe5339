import type { Senders } from '../../domain/delivery/ports';
import { isProviderFault } from '../../domain/delivery/retry-policy';
import type { Channel } from '../../domain/shared/words';
import type { CircuitBreaker } from './circuit-breaker';

/** How far each provider is busy with the lane's messages, and which of them is left alone for now. */
export interface LaneChannels {
  /** Messages that may be claimed for the freest of these channels now. */
  room(channels: readonly Channel[]): number;
  /** Takes a place; false: there is none now. */
  enter(channel: Channel): boolean;
  leave(channel: Channel): void;
  /** Before then there is no use in looking at a message for this channel again; epoch ms. */
  again(channel: Channel): number;
  readonly breaker: CircuitBreaker;
}

/** How long a message waits for a place that another one holds. */
const CROWDED_MS = 250;
/** A provider that is out is left alone, each time longer; one that failed as often as the breaker bears, for so long. */
const OUTAGE_FIRST_MS = 250;
const OUTAGE_MOST_MS = 15_000;

export function createLaneChannels(
  senders: Senders,
  breaker: CircuitBreaker,
  now: () => number = Date.now,
): LaneChannels {
  const used = new Map<Channel, number>();
  const resting = new Map<Channel, { readonly ms: number; readonly until: number }>();
  const rests = (channel: Channel): boolean => (resting.get(channel)?.until ?? 0) > now();
  const rest = (channel: Channel, ms: number): void => void resting.set(channel, { ms, until: now() + ms });
  const free = (channel: Channel): number =>
    rests(channel) ? 0 : senders[channel].connections - (used.get(channel) ?? 0);

  return {
    room: (channels) => Math.max(0, ...channels.map(free)),
    enter: (channel) => {
      if (free(channel) <= 0) return false;
      used.set(channel, (used.get(channel) ?? 0) + 1);
      return true;
    },
    leave: (channel) => void used.set(channel, (used.get(channel) ?? 0) - 1),
    again: (channel) => Math.max(resting.get(channel)?.until ?? 0, now() + CROWDED_MS),
    breaker: {
      opens: (channel, round) => {
        const silent = round.some(({ kind }) => kind === 'uncertain');
        if (!silent && round.length > 0 && round.every(isProviderFault)) {
          // Messages go one by one: the others that were on their way saw the same outage.
          if (rests(channel)) return false;
          const before = resting.get(channel)?.ms ?? OUTAGE_FIRST_MS / 2;
          rest(channel, Math.min(OUTAGE_MOST_MS, before * 2));
        } else if (!silent) resting.delete(channel);
        const open = breaker.opens(channel, round);
        if (open) rest(channel, OUTAGE_MOST_MS);
        return open;
      },
    },
  };
}
