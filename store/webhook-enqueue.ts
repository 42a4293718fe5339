import type postgres from 'postgres';
import type { WebhookEvent } from '../domain/webhooks/outgoing';
import type { Sql, Tx } from './db';

/**
 * A row in the outbox for each subscriber of an event, in the same statement as what happened: the body of a `with`
 * item over one named `told (event_id text, payload jsonb)`. The same event again is no second row. A payload holds
 * ids and codes, never who somebody is.
 */
export const toWebhooks = (sql: Sql | Tx, event: WebhookEvent): postgres.Fragment => sql`
  insert into webhook_outbox (subscription_id, event_id, event, payload)
  select s.id, t.event_id, ${event}, t.payload
  from told t cross join webhook_subscriptions s
  where s.disabled_at is null and ${event} = any(s.events)
  on conflict (subscription_id, event_id) do nothing`;
