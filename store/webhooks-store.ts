import { randomBytes } from 'node:crypto';
import type { OutgoingWebhook, WebhookEvent } from '../domain/webhooks/outgoing';
import type { Sql } from './db';

export interface WebhookSubscription {
  readonly id: string;
  readonly url: string;
  readonly events: WebhookEvent[];
  readonly createdBy: string;
  readonly createdAt: Date;
  /** The receiver answered 410; it is told nothing more. */
  readonly disabledAt: Date | null;
  readonly waiting: number;
  readonly givenUp: number;
}

export interface OutboxRow extends OutgoingWebhook {
  readonly id: number;
  readonly subscriptionId: string;
  /** Counting this one. */
  readonly attempts: number;
  readonly ageSeconds: number;
}

/** Who is told of what happens, and what waits to be told. */
export function createWebhooksStore(sql: Sql) {
  return {
    /** Answers the secret calls are signed with; it cannot be read again. */
    async subscribe(input: {
      readonly url: string;
      readonly events: readonly WebhookEvent[];
      readonly by: string;
    }): Promise<{ id: string; secret: string }> {
      const id = `w${randomBytes(8).toString('hex')}`;
      const secret = `whsec_${randomBytes(32).toString('base64url')}`;
      await sql`
        insert into webhook_subscriptions (id, url, secret, events, created_by)
        values (${id}, ${input.url}, ${secret}, ${[...input.events]}, ${input.by})`;
      return { id, secret };
    },

    async list(): Promise<WebhookSubscription[]> {
      return sql<WebhookSubscription[]>`
        select s.id, s.url, s.events, s.created_by as "createdBy", s.created_at as "createdAt", s.disabled_at as "disabledAt",
          count(o.id) filter (where o.delivered_at is null and o.given_up_at is null) as waiting,
          count(o.id) filter (where o.given_up_at is not null) as "givenUp"
        from webhook_subscriptions s left join webhook_outbox o on o.subscription_id = s.id
        group by s.id order by s.created_at, s.id`;
    },

    /** With everything that waits for it. Answers whether it was there. */
    async remove(id: string): Promise<boolean> {
      const { count } = await sql`delete from webhook_subscriptions where id = ${id}`;
      return count > 0;
    },

    /**
     * Takes up to `limit` rows that are due, for `leaseSeconds`: no other worker gets them meanwhile, and they are due
     * again after it if whoever took them died. Of one subscription `share` at the most, less what is `taken` of it; the
     * first of each come before the second of any.
     */
    async claim(input: {
      readonly limit: number;
      readonly share: number;
      /** By subscription. */
      readonly taken: Readonly<Record<string, number>>;
      readonly leaseSeconds: number;
    }): Promise<OutboxRow[]> {
      const taken = JSON.stringify(input.taken);
      const rows = await sql<OutboxRow[]>`
        update webhook_outbox o set attempts = o.attempts + 1, next_at = clock_timestamp() + make_interval(secs => ${input.leaseSeconds})
        from webhook_subscriptions s
        where s.id = o.subscription_id and o.id in (
          select due.id from webhook_subscriptions one cross join lateral (
            select id, next_at, row_number() over (order by next_at) as nth from (
              select id, next_at from webhook_outbox
              where subscription_id = one.id and delivered_at is null and given_up_at is null and next_at <= clock_timestamp()
              order by next_at limit greatest(0, ${input.share} - coalesce((${taken}::text::jsonb ->> one.id)::int, 0))
              for update skip locked
            ) theirs
          ) due
          order by due.nth, due.next_at limit ${input.limit}
        )
        returning o.id, o.subscription_id as "subscriptionId", s.url, s.secret, o.event_id as "eventId", o.event, o.payload,
          o.created_at as "createdAt", o.attempts,
          extract(epoch from clock_timestamp() - o.created_at)::float8 as "ageSeconds"`;
      return [...rows];
    },

    async delivered(id: number, status: number): Promise<void> {
      await sql`update webhook_outbox set delivered_at = clock_timestamp(), last_status = ${status} where id = ${id}`;
    },

    async postpone(id: number, seconds: number, status: number | null): Promise<void> {
      await sql`
        update webhook_outbox set next_at = clock_timestamp() + make_interval(secs => ${seconds}), last_status = ${status}
        where id = ${id} and delivered_at is null`;
    },

    async giveUp(id: number, status: number | null): Promise<void> {
      await sql`
        update webhook_outbox set given_up_at = clock_timestamp(), last_status = ${status}
        where id = ${id} and delivered_at is null`;
    },

    /** The receiver wants no more: nothing is written for it any longer, and what waits is given up. */
    async disable(subscriptionId: string): Promise<void> {
      await sql`
        with disabled as (
          update webhook_subscriptions set disabled_at = coalesce(disabled_at, clock_timestamp())
          where id = ${subscriptionId} returning id
        )
        update webhook_outbox o set given_up_at = clock_timestamp(), last_status = 410
        from disabled where o.subscription_id = disabled.id and o.delivered_at is null and o.given_up_at is null`;
    },

    /** Rows that are done for this many days, so that the outbox stays small. */
    async sweep(olderThanDays: number): Promise<number> {
      const { count } = await sql`
        delete from webhook_outbox
        where coalesce(delivered_at, given_up_at) < clock_timestamp() - make_interval(days => ${olderThanDays})`;
      return count;
    },
  };
}

export type WebhooksStore = ReturnType<typeof createWebhooksStore>;
