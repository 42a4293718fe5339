import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { Shard, WaveRef } from '../contract';
import type { ShardSession, WaveTerms } from '../../store/delivery-store';
import { createComposer } from './compose';
import type { DeliveryDeps } from './deps';
import { sendBatch, type Stop } from './send-batch';
import type { WireSlots } from './wire-slots';

/** What is claimed is what a dead worker gives back: small enough to matter little, large enough to cost little. */
const BATCH = 500;
const HEARTBEAT_MS = 1_500;

export type ShardInput = WaveRef & { readonly shard: Shard; readonly deadlineAt: string };
export type ShardEnd = { readonly stopped: 'done' | 'paused' | 'aborted' };

/** One attempt at a shard: fenced by the shard's lock, it settles what a dead one left and goes on from there. */
export async function sendShard(deps: DeliveryDeps, slots: WireSlots, input: ShardInput): Promise<ShardEnd> {
  const session = await deps.store.openSession({ ...input, shard: input.shard.index });
  if (session === null)
    throw ApplicationFailure.retryable('Another attempt at this shard is still alive.', 'shard-busy');
  const leave = slots.join();
  const progress = { looked: 0, handed: 0 };
  const beat = setInterval(() => deps.heartbeat({ ...progress }), HEARTBEAT_MS);
  try {
    deps.heartbeat(progress);
    const terms = await deps.store.waveTerms(input);
    const stop = await work(deps, slots, session, terms, input, progress);
    switch (stop) {
      case 'cancelled':
        throw new CancelledFailure('The shard was told to stop.');
      case 'aborted':
        await deps.store.skipRest(terms, 'aborted');
        return { stopped: 'aborted' };
      case 'paused':
        return { stopped: 'paused' };
      case 'deadline':
      case null:
        return { stopped: 'done' };
    }
  } finally {
    clearInterval(beat);
    leave();
    await session.close();
  }
}

async function work(
  deps: DeliveryDeps,
  slots: WireSlots,
  session: ShardSession,
  terms: WaveTerms,
  input: ShardInput,
  progress: { looked: number; handed: number },
): Promise<Stop | null> {
  const { store } = deps;
  const deadlineAt = new Date(input.deadlineAt);
  const limit = deps.batchSize ?? BATCH;
  const { cursor: reached } = await store.reclaim(session, terms, input.shard);
  const creatives = await deps.creatives.forSending(input.campaignId, input.step);
  const compose = createComposer(deps, terms, await deps.brandOf(terms.brand), creatives);

  // First whose time has come again, then who was never looked at.
  for (const source of ['due', 'new'] as const) {
    let cursor = source === 'due' ? input.shard.from - 1 : reached;
    for (let looked = limit; looked === limit;) {
      if (deps.cancelled()) return 'cancelled';
      const hold = await store.holdOf(input.campaignId);
      if (hold !== 'run') return hold;
      const claim = await store.claim(session, {
        terms,
        deadlineAt,
        source,
        range: input.shard,
        cursor,
        limit,
        creatives,
      });
      looked = claim.looked;
      cursor = claim.cursor;
      progress.looked += looked;
      if (claim.claimed.length === 0) continue;
      // Names and addresses live as long as the batch.
      const people = await store
        .recipientsFor(claim.claimed.map((delivery) => delivery.profileId))
        .then((rows) => new Map(rows.map((row) => [row.profileId, row])))
        .catch(async (fault: unknown) => {
          await store
            .release(
              session,
              claim.claimed.map((delivery) => delivery.id),
              'stopped',
            )
            .catch(() => {});
          throw fault;
        });
      const stop = await sendBatch(
        {
          store,
          session,
          slots,
          campaignId: input.campaignId,
          send: (email) => deps.sender.send(email),
          compose: (delivery) => compose(delivery, people.get(delivery.profileId)),
          wish: () =>
            deps.cancelled() ? 'cancelled' : Date.now() >= deadlineAt.getTime() ? 'deadline' : null,
          onHandedOver: (messages) => {
            progress.handed += messages;
          },
        },
        claim.claimed,
      );
      if (stop !== null) return stop;
    }
  }
  return null;
}
