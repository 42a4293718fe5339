import { setTimeout as sleep } from 'node:timers/promises';
import type { SendOutcome } from '../../domain/delivery/ports';
import { isProviderFault } from '../../domain/delivery/retry-policy';
import type { Channel } from '../../domain/shared/words';
import type { ClaimedDelivery } from '../../store/delivery/claim';
import type { DeliveryOutcome, DeliveryStore, ShardSession, StillAllowed } from '../../store/delivery-store';
import type { CircuitBreaker } from './circuit-breaker';
import type { DomainGuard } from './domain-guard';
import type { ProviderRate } from './provider-rate';
import { gather, pause, yieldFor } from './waits';
import type { WireSlots } from './wire-slots';

export type Stop = 'paused' | 'aborted' | 'cancelled' | 'deadline' | 'breaker';

/** A message that is made and only has to be handed over; or why there is none. */
export type Prepared = { readonly send: () => Promise<SendOutcome> } | { readonly outcome: SendOutcome };

/** Rests of a batch whose provider is out. */
export interface Outage {
  readonly firstMs: number;
  readonly mostMs: number;
}

export const OUTAGE: Outage = { firstMs: 1_000, mostMs: 15_000 };

export interface BatchContext {
  readonly store: Pick<DeliveryStore, 'turn' | 'cleared' | 'recordOutcomes' | 'release' | 'holdOf'>;
  readonly session: ShardSession;
  readonly campaignId: string;
  /** Of the whole batch: one provider. */
  readonly channel: Channel;
  /** All the wave may use, for who fails on this one. */
  readonly channels: readonly Channel[];
  /** What each message is asked again for just before it goes. */
  readonly still: StillAllowed;
  /** When the claim wrote the rows as `sending`, epoch ms; as many slots are held for them. null: it did not. */
  readonly sendingSince: number | null;
  readonly slots: WireSlots;
  /** Gets the provider's connections ready; answers for how many of the messages. */
  readonly ready: (messages: number) => Promise<number> | number;
  readonly prepare: (delivery: ClaimedDelivery) => Prepared;
  /** null: it has no price; what was reserved stays. */
  readonly costMicros: (units: number) => number | null;
  readonly breaker: CircuitBreaker;
  readonly outage: Outage;
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

/** What the gate said of a row that is `sending` from its claim on is taken for true for so long. */
const FRESH_MS = 1_000;
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
  /** Each row has its slot already. */
  const placed = context.sendingSince !== null;
  let held = placed ? claimed.length : 0;
  let outageMs = 0;
  let stop: Stop | null = null;

  const outcomeOf = ({ id }: ClaimedDelivery, outcome: SendOutcome): DeliveryOutcome => ({
    id,
    channel,
    outcome,
    costMicros: outcome.kind === 'accepted' ? context.costMicros(outcome.units ?? 1) : null,
  });

  const handOver = ({ delivery, send }: Ready): void => {
    const ended = (outcome: SendOutcome): void => {
      finished.push(outcomeOf(delivery, outcome));
      wire.delete(flight);
    };
    // A sender answers, it does not throw; if it does, nobody knows how far it got.
    const flight = send().then(ended, () => ended({ kind: 'uncertain', code: 'sender-fault' }));
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

  /** Records what has come back and answers who of the next may go, marked as `sending`. */
  const cleared = async (next: readonly number[]): Promise<ReadonlySet<number>> => {
    const { sendingSince, still } = context;
    if (sendingSince === null)
      return new Set(await store.turn(session, inTurn.outcomes, next, channels, still));
    if (inTurn.outcomes.length > 0) await store.turn(session, inTurn.outcomes, [], channels);
    if (next.length === 0) return new Set();
    const fresh = Date.now() - sendingSince < FRESH_MS;
    return new Set(await store.cleared(session, context.campaignId, next, fresh ? null : still));
  };

  /** What a round of answers says of the provider and of domains; whether the provider is out. */
  const learn = async (back: readonly DeliveryOutcome[]): Promise<boolean> => {
    if (back.length === 0) return false;
    const answers = back.map(({ outcome }) => outcome);
    if (context.breaker.opens(channel, answers)) stop ??= 'breaker';
    if (domains !== null) waiting = [...(await domains.after(back, waiting))];
    const outage = answers.every(isProviderFault);
    outageMs = outage
      ? Math.min(context.outage.mostMs, outageMs === 0 ? context.outage.firstMs : outageMs * 2)
      : 0;
    return outage;
  };

  const oneTurn = async (): Promise<void> => {
    stop ??= context.wish();
    inTurn.outcomes = finished.splice(0);
    inTurn.ready = [];
    const outage = await learn(inTurn.outcomes);

    const share = Math.max(slots.share(), placed ? held : 0) - wire.size;
    let room = stop !== null || outage ? 0 : Math.max(0, Math.min(share, waiting.length));
    if (rate !== null) room = await rate.allow(room);
    const spare = held - wire.size;
    const most = room <= spare ? room : spare + slots.take(room - spare);
    held += Math.max(0, most - spare);
    const lines = most === 0 ? 0 : context.ready(most);
    if (typeof lines !== 'number') {
      await store.turn(session, inTurn.outcomes, [], channels);
      inTurn.outcomes = [];
    }
    prepare(Math.min(most, await lines));
    if (inTurn.ready.length === 0 && inTurn.outcomes.length === 0) return;

    const { ready } = inTurn;
    const marked = await cleared(ready.map(({ delivery }) => delivery.id));
    inTurn.outcomes = [];
    inTurn.ready = [];
    const now = Date.now();
    const staying: ClaimedDelivery[] = [];
    for (const message of ready) {
      const { delivery } = message;
      if (marked.has(delivery.id) && isOpenAt(delivery, now)) handOver(message);
      else staying.push(delivery);
    }
    const going = ready.length - staying.length;
    rate?.went(going);
    context.onHandedOver(going);
    const kept = wire.size + finished.length + (placed ? waiting.length : 0);
    slots.give(held - kept);
    held = kept;

    if (staying.length > 0) {
      const hold = await store.holdOf(context.campaignId);
      const alive = hold !== 'run' || (await session.alive());
      // Nothing held them up: something changed for them since the gate, and it judges them again.
      if (hold === 'run' && alive) await giveBack(staying, 'changed');
      else waiting.push(...staying.reverse());
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

/** A provider that is slow may keep a batch until its hour is over. */
const isOpenAt = ({ closesAt }: ClaimedDelivery, now: number): boolean =>
  closesAt === null || now < closesAt.getTime();

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
