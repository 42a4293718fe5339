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

const BATCH = 20;

/** Tells subscribers what waits in the outbox, until `signal`. Any number may run at once; each event at least once. */
export async function runWebhookOutbox(deps: WebhookOutboxDeps): Promise<void> {
  const { webhooks, log, signal, pollMs = 500, leaseSeconds = 60 } = deps;
  await drain({
    take: (most) => webhooks.claim(most, leaseSeconds),
    handle: (row) => deliver(deps, row),
    most: BATCH,
    pollMs,
    signal,
    onFault: (err) => log.warn({ err }, 'webhook outbox not reachable'),
  });
}

async function deliver({ webhooks, sender, log }: WebhookOutboxDeps, row: OutboxRow): Promise<void> {
  const { id, subscriptionId, eventId, attempts } = row;
  const outcome = await sender.send(row);
  switch (outcome.kind) {
    case 'delivered':
      return webhooks.delivered(id, outcome.status);
    case 'gone':
      log.warn({ subscriptionId }, 'a webhook receiver wants no more: its subscription is disabled');
      return webhooks.disable(subscriptionId);
    case 'failed': {
      const seconds = retryInSeconds(attempts, row.ageSeconds);
      log.info({ subscriptionId, eventId, attempts, status: outcome.status }, 'a webhook was not taken');
      return seconds === null
        ? webhooks.giveUp(id, outcome.status)
        : webhooks.postpone(id, seconds, outcome.status);
    }
  }
}
