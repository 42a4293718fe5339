import { z } from 'zod';
import { leadsToInternet } from '../../adapters/webhooks/public-address';
import { BoucleError } from '../../domain/shared/errors';
import { WEBHOOK_EVENTS, webhookEventsSchema } from '../../domain/webhooks/outgoing';
import type { WebhooksStore } from '../../store/webhooks-store';
import { principalOf } from '../plugins/authentication';
import { idParams } from '../schemas/common';
import type { App } from '../types';

const subscriptionSchema = z
  .object({
    id: z.string(),
    url: z.string(),
    events: z.array(z.enum(WEBHOOK_EVENTS)),
    createdBy: z.string(),
    createdAt: z.date(),
    disabledAt: z.date().nullable().describe('The receiver answered 410.'),
    waiting: z.int().describe('Events on their way, also those tried in vain so far.'),
    givenUp: z.int().describe('Events not taken within a day.'),
  })
  .meta({ id: 'WebhookSubscription' });

export interface WebhookSubscriptionsDeps {
  readonly webhooks: WebhooksStore;
  /** https to public addresses alone: anywhere but on a machine of one's own. */
  readonly publicOnly: boolean;
}

export function webhookSubscriptionsRoutes(
  app: App,
  { webhooks, publicOnly }: WebhookSubscriptionsDeps,
): void {
  app.post(
    '/v1/webhook-subscriptions',
    {
      config: { roles: ['admin'], secretAnswer: true },
      schema: {
        tags: ['webhooks'],
        summary: 'Subscribes an address to events; the secret that signs its calls is shown this once',
        body: z.strictObject({
          url: z.url({ protocol: /^https?$/ }).max(2_000),
          events: webhookEventsSchema,
        }),
        response: { 201: z.object({ id: z.string(), secret: z.string() }) },
      },
    },
    async (request, reply) => {
      const { url, events } = request.body;
      const fault = await faultOf(url, publicOnly);
      if (fault !== null)
        throw new BoucleError('invalid-request', `The address ${fault}.`, [{ path: '/url', message: fault }]);
      const made = await webhooks.subscribe({ url, events, by: principalOf(request).name });
      request.auditTarget = made.id;
      return reply.code(201).send(made);
    },
  );

  app.get(
    '/v1/webhook-subscriptions',
    {
      config: { roles: ['admin'] },
      schema: {
        tags: ['webhooks'],
        summary: 'Who is told of what, and what waits for them',
        response: { 200: z.object({ items: z.array(subscriptionSchema) }) },
      },
    },
    async () => ({ items: await webhooks.list() }),
  );

  app.delete(
    '/v1/webhook-subscriptions/:id',
    {
      config: { roles: ['admin'] },
      schema: {
        tags: ['webhooks'],
        summary: 'Ends a subscription, with what still waits for it',
        params: idParams,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      if (!(await webhooks.remove(request.params.id)))
        throw new BoucleError('not-found', 'There is no such subscription.');
      return reply.code(204).send(null);
    },
  );
}

/** What is wrong with an address, without naming it; null: nothing. It is judged again at every delivery. */
async function faultOf(url: string, publicOnly: boolean): Promise<string | null> {
  const { protocol, username, password } = new URL(url);
  if (username !== '' || password !== '') return 'holds a user or a password';
  if (!publicOnly) return null;
  if (protocol !== 'https:') return 'is not https';
  return (await leadsToInternet(url)) ? null : 'does not lead to the public internet';
}
