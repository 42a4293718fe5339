import { setTimeout as sleep } from 'node:timers/promises';
import type { SendOutcome } from '../../domain/delivery/ports';
import { isProviderFault } from '../../domain/delivery/retry-policy';
import type { Channel } from '../../domain/shared/words';
import type { ClaimedDelivery } from '../../store/delivery/claim';
import type { DeliveryOutcome, DeliveryStore, ShardSession, StillAllowed } from '../../store/delivery-store';
import type { CircuitBreaker } from './circuit-breaker';
import type { DomainGuard } from './domain-guard';
import type { ProviderRate } from './provider-rate';
import type { WireSlots } from './wire-slots';

export type Stop = 'paused' | 'aborted' | 'cancelled' | 'deadline' | 'breaker';

/** A message that is made and only has to be handed over; or why there is none. */
export type Prepared = { readonly send: () => Promise<SendOutcome> } | { readonly outcome: SendOutcome };

export interface BatchContext {
  readonly store: Pick<DeliveryStore, 'turn' | 'recordOutcomes' | 'release' | 'holdOf'>;
  readonly session: ShardSession;
  readonly campaignId: string;
  /** Of the whole batch: one provider. */
  readonly channel: Channel;
  /** All the wave may use, for who fails on this one. */
  readonly channels: readonly Channel[];
  /** What each message is asked again for just before it goes. */
  readonly still: StillAllowed;
  readonly slots: WireSlots;
  readonly prepare: (delivery: ClaimedDelivery) => Prepared;
  readonly costMicros: (units: number) => number;
  readonly breaker: CircuitBreaker;
  readonly rate: ProviderRate | null;
  /** null: a channel whose addresses have no domains. */
  readonly domains: DomainGuard | null;
  /** A reason to hand over no more, seen without asking the database. */
  readonly wish: () => Stop | null;
  readonly onHandedOver: (messages: number) => void;
}

interface Ready {
  readonly delivery: ClaimedDelivery;
  readonly send: () => Promise<SendOutcome>;
}

/** Answers that come together are recorded together; a slow one holds up the others this long at most. */
const GATHER_MS = 4;
const OUTAGE_FIRST_MS = 1_000;
const OUTAGE_MOST_MS = 15_000;
const RECORD_TRIES = 8;

/**
 * Hands a claimed batch over. Each turn is one statement that records what has come back and marks what goes next,
 * so as many connections stay busy as this shard may use and no row is `sending` without a slot. Whatever ends it,
 * what is on the wire is waited for and recorded, and what was not handed over is given back.
 */
export async function sendBatch(
  context: BatchContext,
  claimed: readonly ClaimedDelivery[],
): Promise<Stop | null> {
  const { store, session, slots, channel, channels, rate, domains } = context;
  let waiting = [...claimed].reverse();
  const finished: DeliveryOutcome[] = [];
  const inTurn: { outcomes: DeliveryOutcome[]; ready: Ready[] } = { outcomes: [], ready: [] };
  const wire = new Set<Promise<void>>();
  let held = 0;
  let outageMs = 0;
  let stop: Stop | null = null;

  const outcomeOf = ({ id }: ClaimedDelivery, outcome: SendOutcome): DeliveryOutcome => ({
    id,
    channel,
    outcome,
    ...(outcome.kind === 'accepted' ? { costMicros: context.costMicros(outcome.units ?? 1) } : {}),
  });

  const handOver = ({ delivery, send }: Ready): void => {
    const flight = send()
      // A sender answers, it does not throw; if it does, nobody knows how far it got.
      .catch((): SendOutcome => ({ kind: 'uncertain', code: 'sender-fault' }))
      .then((outcome) => {
        finished.push(outcomeOf(delivery, outcome));
        wire.delete(flight);
      });
    wire.add(flight);
  };

  const giveBack = (deliveries: readonly ClaimedDelivery[], reason: string): Promise<void> =>
    store.release(
      session,
      deliveries.map(({ id }) => id),
      reason,
    );

  /** The next messages, as many as may go; rows whose message cannot be made are finished here. */
  const prepare = (most: number): void => {
    while (inTurn.ready.length < most) {
      const delivery = waiting.pop();
      if (delivery === undefined) break;
      const prepared = context.prepare(delivery);
      if ('outcome' in prepared) inTurn.outcomes.push(outcomeOf(delivery, prepared.outcome));
      else inTurn.ready.push({ delivery, send: prepared.send });
    }
  };

  /** What a round of answers says of the provider and of domains; whether the provider is out. */
  const learn = async (back: readonly DeliveryOutcome[]): Promise<boolean> => {
    if (back.length === 0) return false;
    const answers = back.map(({ outcome }) => outcome);
    if (context.breaker.opens(channel, answers)) stop ??= 'breaker';
    if (domains !== null) waiting = [...(await domains.after(back, waiting))];
    const outage = answers.every(isProviderFault);
    outageMs = outage ? Math.min(OUTAGE_MOST_MS, outageMs === 0 ? OUTAGE_FIRST_MS : outageMs * 2) : 0;
    return outage;
  };

  const oneTurn = async (): Promise<void> => {
    stop ??= context.wish();
    inTurn.outcomes = finished.splice(0);
    inTurn.ready = [];
    const returning = inTurn.outcomes.length;
    const outage = await learn(inTurn.outcomes);

    let room = stop !== null || outage ? 0 : Math.max(0, Math.min(slots.share() - wire.size, waiting.length));
    if (rate !== null) room = await rate.allow(room);
    const most = room <= returning ? room : returning + slots.take(room - returning);
    held += Math.max(0, most - returning);
    prepare(most);
    if (inTurn.ready.length === 0 && inTurn.outcomes.length === 0) return;

    const { ready } = inTurn;
    const marked = new Set(
      await store.turn(
        session,
        inTurn.outcomes,
        ready.map(({ delivery }) => delivery.id),
        channels,
        context.still,
      ),
    );
    inTurn.outcomes = [];
    inTurn.ready = [];
    for (const message of ready) if (marked.has(message.delivery.id)) handOver(message);
    rate?.went(marked.size);
    context.onHandedOver(marked.size);
    slots.give(held - wire.size - finished.length);
    held = wire.size + finished.length;

    const unmarked = ready.flatMap(({ delivery }) => (marked.has(delivery.id) ? [] : [delivery]));
    if (unmarked.length > 0) {
      const hold = await store.holdOf(context.campaignId);
      const alive = hold !== 'run' || (await session.alive());
      // Nothing held them up: something changed for them since the gate, and it judges them again.
      if (hold === 'run' && alive) await giveBack(unmarked, 'changed');
      else waiting.push(...unmarked.reverse());
      if (hold !== 'run') stop ??= hold;
      if (!alive) throw new Error('the shard lost its lock');
    }
    if (outage && waiting.length > 0 && stop === null) await pause(outageMs, context.wish);
  };

  const leave = slots.join();
  try {
    if (domains !== null) waiting = (await domains.admit(waiting.reverse())).reverse();
    while (finished.length > 0 || wire.size > 0 || (waiting.length > 0 && stop === null)) {
      await oneTurn();
      if (wire.size > 0) await gather(wire, finished);
      else if (held === 0 && finished.length === 0 && waiting.length > 0 && stop === null)
        await yieldFor(slots, rate);
    }
  } finally {
    await Promise.all(wire);
    try {
      await recordKnown(store, [...inTurn.outcomes, ...finished], channels);
    } finally {
      slots.give(held);
      leave();
    }
    const left = [...waiting, ...inTurn.ready.map(({ delivery }) => delivery)];
    // Where this fails the lock is lost or the database gone, and the next attempt's reclaim does it.
    await giveBack(left, stop ?? 'stopped').catch(() => {});
  }
  return stop;
}

/** Waits for answers: half of what is out, or whatever came within a few milliseconds of the first. */
async function gather(wire: ReadonlySet<Promise<void>>, finished: readonly DeliveryOutcome[]): Promise<void> {
  const half = Math.ceil(wire.size / 2);
  await Promise.race(wire);
  if (finished.length < half && wire.size > 0) await Promise.race([sleep(GATHER_MS), Promise.all(wire)]);
}

/** Another shard holds every slot just now, or the provider's bucket is empty. */
const yieldFor = async (slots: WireSlots, rate: ProviderRate | null): Promise<void> => {
  const free = slots.take(1);
  if (free === 0)
    return void (await Promise.race([slots.changed(), sleep(1_000, undefined, { ref: false })]));
  slots.give(free);
  if (rate !== null) await sleep(rate.waitMs);
};

async function pause(ms: number, wish: () => Stop | null): Promise<void> {
  for (const until = Date.now() + ms; Date.now() < until && wish() === null;) await sleep(Math.min(250, ms));
}

/** What is known gets written even if the database is away for some seconds: the alternative is an uncertain row. */
async function recordKnown(
  store: BatchContext['store'],
  outcomes: readonly DeliveryOutcome[],
  channels: readonly Channel[],
): Promise<void> {
  if (outcomes.length === 0) return;
  for (let tries = 1; ; tries += 1) {
    try {
      return await store.recordOutcomes(outcomes, channels);
    } catch (fault) {
      if (tries === RECORD_TRIES) throw fault;
      await sleep(250 * 2 ** Math.min(tries, 4));
    }
  }
}
