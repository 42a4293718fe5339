import type { OutgoingWebhook, WebhookOutcome, WebhookSender } from '../../domain/webhooks/outgoing';
import { createPostClient } from '../http/post';
import { isPrivateLiteral, publicLookup } from './public-address';
import { signWebhook } from './signature';

export interface WebhookSenderOptions {
  /** https to public addresses alone; false: anywhere, for a machine of one's own. */
  readonly publicOnly: boolean;
  readonly connections?: number;
  readonly connectTimeoutMs?: number;
  readonly answerTimeoutMs?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * POSTs `{id, event, at, data}` as JSON, signed over timestamp and body (see signature.ts). Redirects are answers like
 * any other and count as failures: a receiver moves by subscribing anew.
 */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { publicOnly, now = Date.now } = options;
  const client = createPostClient({
    connections: options.connections ?? 20,
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    answerTimeoutMs: options.answerTimeoutMs ?? 15_000,
    ...(publicOnly ? { lookup: publicLookup } : {}),
  });
  return {
    send: async (webhook) => {
      if (publicOnly && (!webhook.url.startsWith('https:') || isPrivateLiteral(webhook.url)))
        return { kind: 'failed', status: null };
      const { body, headers } = signed(webhook, Math.floor(now() / 1_000));
      const result = await client.post({ url: webhook.url, headers, body });
      return result.kind === 'answer' ? outcomeOf(result.status) : { kind: 'failed', status: null };
    },
    close: () => client.close(),
  };
}

function signed(
  { eventId, event, createdAt, payload, secret }: OutgoingWebhook,
  nowSeconds: number,
): { readonly body: string; readonly headers: Readonly<Record<string, string>> } {
  const body = JSON.stringify({ id: eventId, event, at: createdAt.toISOString(), data: payload });
  const timestamp = String(nowSeconds);
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-boucle-event': event,
      'x-boucle-event-id': eventId,
      'x-boucle-timestamp': timestamp,
      'x-boucle-signature': signWebhook({ secret, timestamp, body }),
    },
  };
}

function outcomeOf(status: number): WebhookOutcome {
  if (status === 410) return { kind: 'gone' };
  return status >= 200 && status < 300 ? { kind: 'delivered', status } : { kind: 'failed', status };
}
