import type { Channel } from '../shared/words';

/** What one message by a channel may cost at the most, millionths of a euro; left out, nothing. */
interface Price {
  readonly channel: Channel;
  readonly unitMicros?: number;
}

/** Whether what is left of a budget pays for the dearest message of a channel. */
const pays = (channel: Channel, prices: readonly Price[], left: number): boolean =>
  prices.every((price) => price.channel !== channel || (price.unitMicros ?? 0) <= left);

/** Whether somebody whom the budget stops on one channel may yet be reached by another. */
export const cheaperLeft = (channels: readonly Channel[], prices: readonly Price[], left: number): boolean =>
  channels.length > 1 && channels.some((channel) => pays(channel, prices, left));

/**
 * Channels that a budget no longer pays for, while it does for another of the message's: those go first to nobody.
 * Where it pays for none, none is named, and the money goes as far as it does.
 */
export const tooDear = (channels: readonly Channel[], prices: readonly Price[], left: number): Channel[] =>
  cheaperLeft(channels, prices, left) ? channels.filter((channel) => !pays(channel, prices, left)) : [];
