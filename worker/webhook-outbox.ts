import { retryInSeconds, type WebhookSender } from '../domain/webhooks/outgoing';
import type { OutboxRow, WebhooksStore } from '../store/webhooks-store';
import { drain } from './drain';

export interface WebhookOutboxDeps {
  readonly webhooks: Pick<WebhooksStore, 'claim' | 'delivered' | 'postpone' | 'giveUp' | 'disable'>;
  readonly sender: WebhookSender;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** Ends the loop; the rows in hand are finished first. */
  readonly signal: AbortSignal;
  readonly pollMs?: number;
  /** Longer than a receiver may take to answer; a dead worker's rows wait this long. */
  readonly leaseSeconds?: number;
}

/** Calls on their way at once, of all receivers and of one. */
const MOST = 50;
const SHARE = 10;

/**
 * Tells subscribers what waits in the outbox, until `signal`. Any number may run at once; each event at least once. Each
 * receiver has its share of the calls, and one that failed last time gets a single one, so that those who hang hold up nobody.
 */
export async function runWebhookOutbox(deps: WebhookOutboxDeps): Promise<void> {
  const { webhooks, log, signal, pollMs = 500, leaseSeconds = 60 } = deps;
  const failing = new Set<string>();
  await drain<OutboxRow>({
    take: (room, inHand) =>
      webhooks.claim({ limit: room, share: SHARE, taken: taken(inHand, failing), leaseSeconds }),
    handle: async (row) => {
      const well = await deliver(deps, row);
      if (well) failing.delete(row.subscriptionId);
      else failing.add(row.subscriptionId);
    },
    most: MOST,
    pollMs,
    signal,
    onFault: (err) => log.warn({ err }, 'webhook outbox not reachable'),
  });
}

/** Places of its share each receiver cannot have now. */
function taken(inHand: ReadonlySet<OutboxRow>, failing: ReadonlySet<string>): Record<string, number> {
  const places = new Map([...failing].map((id) => [id, SHARE - 1]));
  for (const { subscriptionId } of inHand) places.set(subscriptionId, (places.get(subscriptionId) ?? 0) + 1);
  return Object.fromEntries(places);
}

/** Answers whether it was taken. */
async function deliver({ webhooks, sender, log }: WebhookOutboxDeps, row: OutboxRow): Promise<boolean> {
  const { id, subscriptionId, eventId, attempts } = row;
  const outcome = await sender.send(row);
  switch (outcome.kind) {
    case 'delivered':
      await webhooks.delivered(id, outcome.status);
      return true;
    case 'gone':
      log.warn({ subscriptionId }, 'a webhook receiver wants no more: its subscription is disabled');
      await webhooks.disable(subscriptionId);
      return true;
    case 'failed': {
      const seconds = retryInSeconds(attempts, row.ageSeconds);
      log.info({ subscriptionId, eventId, attempts, status: outcome.status }, 'a webhook was not taken');
      await (seconds === null
        ? webhooks.giveUp(id, outcome.status)
        : webhooks.postpone(id, seconds, outcome.status));
      return false;
    }
  }
}
