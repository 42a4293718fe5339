import { setTimeout as sleep } from 'node:timers/promises';
import type { OutgoingEmail, SendOutcome } from '../../domain/delivery/ports';
import { isRelayFault } from '../../domain/delivery/retry-policy';
import type { ClaimedDelivery } from '../../store/delivery/claim';
import type { DeliveryOutcome, DeliveryStore, ShardSession } from '../../store/delivery-store';
import type { Composed } from './compose';
import type { WireSlots } from './wire-slots';

export type Stop = 'paused' | 'aborted' | 'cancelled' | 'deadline';

export interface BatchContext {
  readonly store: Pick<DeliveryStore, 'turn' | 'recordOutcomes' | 'release' | 'holdOf'>;
  readonly session: ShardSession;
  readonly campaignId: string;
  readonly slots: WireSlots;
  readonly send: (email: OutgoingEmail) => Promise<SendOutcome>;
  readonly compose: (delivery: ClaimedDelivery) => Composed;
  /** A reason to hand over no more, seen without asking the database. */
  readonly wish: () => Stop | null;
  readonly onHandedOver: (messages: number) => void;
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
  const { store, session, slots } = context;
  const waiting = [...claimed].reverse();
  const finished: DeliveryOutcome[] = [];
  const inTurn: { outcomes: DeliveryOutcome[]; ready: ClaimedDelivery[] } = { outcomes: [], ready: [] };
  const wire = new Set<Promise<void>>();
  let held = 0;
  let outageMs = 0;
  let stop: Stop | null = null;

  const handOver = (email: OutgoingEmail): void => {
    const flight = context
      .send(email)
      // A sender answers, it does not throw; if it does, nobody knows how far it got.
      .catch((): SendOutcome => ({ kind: 'uncertain', code: 'sender-fault' }))
      .then((outcome) => {
        finished.push({ id: email.deliveryId, outcome });
        wire.delete(flight);
      });
    wire.add(flight);
  };

  /** The next messages, as many as may go; rows whose message cannot be made are finished here. */
  const prepare = (most: number): OutgoingEmail[] => {
    const emails: OutgoingEmail[] = [];
    while (emails.length < most) {
      const delivery = waiting.pop();
      if (delivery === undefined) break;
      const composed = context.compose(delivery);
      if ('email' in composed) {
        emails.push(composed.email);
        inTurn.ready.push(delivery);
      } else {
        inTurn.outcomes.push({ id: delivery.id, outcome: composed.outcome });
      }
    }
    return emails;
  };

  const oneTurn = async (): Promise<void> => {
    stop ??= context.wish();
    inTurn.outcomes = finished.splice(0);
    inTurn.ready = [];
    const back = inTurn.outcomes;
    const returning = back.length;
    const outage =
      returning > 0 && back.every(({ outcome }) => outcome.kind === 'retry' && isRelayFault(outcome.code));
    outageMs = outage
      ? Math.min(OUTAGE_MOST_MS, outageMs === 0 ? OUTAGE_FIRST_MS : outageMs * 2)
      : returning > 0
        ? 0
        : outageMs;

    const room = stop !== null || outage ? 0 : Math.min(slots.share() - wire.size, waiting.length);
    const most = room <= returning ? Math.max(0, room) : returning + slots.take(room - returning);
    held += Math.max(0, most - returning);
    const emails = prepare(most);
    if (emails.length === 0 && inTurn.outcomes.length === 0) return;

    const marked = new Set(
      await store.turn(
        session,
        inTurn.outcomes,
        emails.map((email) => email.deliveryId),
      ),
    );
    const unmarked = inTurn.ready.filter((delivery) => !marked.has(delivery.id));
    inTurn.outcomes = [];
    inTurn.ready = [];
    for (const email of emails) if (marked.has(email.deliveryId)) handOver(email);
    context.onHandedOver(marked.size);
    slots.give(held - wire.size - finished.length);
    held = wire.size + finished.length;

    if (unmarked.length > 0) {
      waiting.push(...unmarked.reverse());
      const hold = await store.holdOf(context.campaignId);
      if (hold !== 'run') stop ??= hold;
      else if (!(await session.alive())) throw new Error('the shard lost its lock');
    }
    if (outage && waiting.length > 0 && stop === null) await pause(outageMs, context.wish);
  };

  try {
    while (finished.length > 0 || wire.size > 0 || (waiting.length > 0 && stop === null)) {
      await oneTurn();
      if (wire.size > 0) await gather(wire, finished);
      else if (held === 0 && finished.length === 0 && waiting.length > 0 && stop === null)
        await yieldFor(slots);
    }
  } finally {
    await Promise.all(wire);
    try {
      await recordKnown(store, [...inTurn.outcomes, ...finished]);
    } finally {
      slots.give(held);
    }
    const left = [...waiting, ...inTurn.ready].map((delivery) => delivery.id);
    // Where this fails the lock is lost or the database gone, and the next attempt's reclaim does it.
    await store.release(session, left, stop ?? 'stopped').catch(() => {});
  }
  return stop;
}

/** Waits for answers: half of what is out, or whatever came within a few milliseconds of the first. */
async function gather(wire: ReadonlySet<Promise<void>>, finished: readonly DeliveryOutcome[]): Promise<void> {
  const half = Math.ceil(wire.size / 2);
  await Promise.race(wire);
  if (finished.length < half && wire.size > 0) await Promise.race([sleep(GATHER_MS), Promise.all(wire)]);
}

/** Another shard holds every slot just now. */
const yieldFor = async (slots: WireSlots): Promise<void> => {
  const free = slots.take(1);
  if (free > 0) slots.give(free);
  else await Promise.race([slots.changed(), sleep(1_000, undefined, { ref: false })]);
};

async function pause(ms: number, wish: () => Stop | null): Promise<void> {
  for (const until = Date.now() + ms; Date.now() < until && wish() === null;) await sleep(Math.min(250, ms));
}

/** What is known gets written even if the database is away for some seconds: the alternative is an uncertain row. */
async function recordKnown(
  store: BatchContext['store'],
  outcomes: readonly DeliveryOutcome[],
): Promise<void> {
  if (outcomes.length === 0) return;
  for (let tries = 1; ; tries += 1) {
    try {
      return await store.recordOutcomes(outcomes);
    } catch (fault) {
      if (tries === RECORD_TRIES) throw fault;
      await sleep(250 * 2 ** Math.min(tries, 4));
    }
  }
}
