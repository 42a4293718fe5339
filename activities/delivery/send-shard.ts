import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { DeliveryActivities } from '../contract';
import type { MessageTerms } from '../../store/delivery/message-terms';
import type { ShardSession, WaveTerms } from '../../store/delivery-store';
import { createComposers } from './compose';
import type { DeliveryDeps } from './deps';
import type { Stop } from './send-batch';
import { sendClaimed, type SendingTools } from './send-claimed';
import type { WireSlots } from './wire-slots';

/**
 * What is claimed is what a dead worker gives back: small enough to matter little, large enough to cost little. Where
 * every provider of a wave knows a message again, nothing is at risk and larger batches are quicker.
 */
const BATCH = { once: 500, idempotent: 5_000 } as const;
const HEARTBEAT_MS = 1_500;

type ShardInput = Parameters<DeliveryActivities['sendShard']>[0];
type ShardEnd = Awaited<ReturnType<DeliveryActivities['sendShard']>>;

/** One attempt at a shard: fenced by the shard's lock, it settles what a dead one left and goes on from there. */
export async function sendShard(
  deps: DeliveryDeps,
  tools: SendingTools,
  input: ShardInput,
): Promise<ShardEnd> {
  const session = await deps.store.openSession({ ...input, shard: input.shard.index });
  if (session === null)
    throw ApplicationFailure.retryable('Another attempt at this shard is still alive.', 'shard-busy');
  const progress = { looked: 0, handed: 0 };
  const beat = setInterval(() => deps.heartbeat({ ...progress }), HEARTBEAT_MS);
  try {
    deps.heartbeat(progress);
    const terms = await deps.store.waveTerms(input);
    const stop = await work(deps, tools, session, terms, input, progress);
    switch (stop) {
      case 'cancelled':
        throw new CancelledFailure('The shard was told to stop.');
      case 'aborted':
        await deps.store.skipRest(terms, 'aborted');
        return { stopped: 'aborted' };
      case 'paused':
      case 'breaker':
        return { stopped: stop };
      case 'deadline':
      case null:
        return { stopped: 'done' };
    }
  } finally {
    clearInterval(beat);
    await session.close();
  }
}

async function work(
  deps: DeliveryDeps,
  tools: SendingTools,
  session: ShardSession,
  terms: WaveTerms,
  input: ShardInput,
  progress: { looked: number; handed: number },
): Promise<Stop | null> {
  const { store } = deps;
  const deadlineAt = new Date(input.deadlineAt);
  const idempotentChannels = terms.channels.filter((channel) => deps.senders[channel].idempotent);
  const limit =
    deps.batchSize ?? (idempotentChannels.length === terms.channels.length ? BATCH.idempotent : BATCH.once);
  const entries = input.entries === true;
  const begin = input.shard.from - 1;
  const { cursor: reached } = entries
    ? { cursor: begin, ...(await store.reclaimEntries(session, terms, idempotentChannels)) }
    : await store.reclaim(session, terms, input.shard, idempotentChannels);
  // Read by each attempt: a creative mended during a pause is what those who are left get.
  const [creatives, messages] = await Promise.all([
    deps.creatives.forSending(input.campaignId, input.step),
    store.messageTerms(input.campaignId),
  ]);
  const composers = createComposers(deps, terms, messages, await deps.brandOf(terms.brand), creatives);

  // First whose time has come again, then who was never looked at.
  for (const source of ['due', 'new'] as const) {
    let cursor = source === 'due' ? begin : reached;
    for (let looked = limit; looked === limit;) {
      if (deps.cancelled()) return 'cancelled';
      const hold = await store.holdOf(input.campaignId);
      if (hold !== 'run') return hold;
      const places = placesFor(tools, terms, messages, limit);
      const began = Date.now();
      const claim = await store
        .claim(session, {
          terms,
          deadlineAt,
          source,
          entries,
          range: input.shard,
          cursor,
          limit,
          creatives,
          sending: places !== null,
        })
        .catch((fault: unknown) => {
          places?.give(limit);
          throw fault;
        });
      places?.give(limit - claim.claimed.length);
      looked = claim.looked;
      cursor = claim.cursor;
      progress.looked += looked;
      if (claim.claimed.length === 0) continue;
      const stop = await sendClaimed(
        {
          ...tools,
          session,
          terms,
          messages,
          composers,
          ...(places === null ? {} : { sendingSince: began }),
          wish: () =>
            deps.cancelled() ? 'cancelled' : Date.now() >= deadlineAt.getTime() ? 'deadline' : null,
          onHandedOver: (handed) => {
            progress.handed += handed;
          },
        },
        claim.claimed,
      );
      if (stop !== null) return stop;
    }
  }
  return null;
}

/**
 * Places on the wire for a whole batch, whose rows may then be `sending` from their claim on. null: the provider has not
 * so many, would not know a message again, or somebody limited how many it gets.
 */
function placesFor(
  { slots, senders }: SendingTools,
  { channels }: WaveTerms,
  { rates }: MessageTerms,
  messages: number,
): WireSlots | null {
  const [channel, ...others] = channels;
  // Domains of addresses have limits of their own.
  if (channel === undefined || others.length > 0 || channel === 'email' || !senders[channel].idempotent)
    return null;
  if (rates.some((rate) => rate.channel === channel)) return null;
  const taken = slots[channel].take(messages);
  if (taken === messages) return slots[channel];
  slots[channel].give(taken);
  return null;
}
