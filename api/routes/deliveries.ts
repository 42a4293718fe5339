import { z } from 'zod';
import { CHANNELS, DELIVERY_STATES } from '../../domain/shared/words';
import type { CampaignsReadStore } from '../../store/campaigns-read-store';
import type { DeliveryStore } from '../../store/delivery-store';
import { idParams, limitSchema, pageOf, toPage } from '../schemas/common';
import type { App } from '../types';

const state = z.enum(DELIVERY_STATES);

const deliverySchema = z
  .object({
    id: z.int(),
    step: z.string(),
    wave: z.string(),
    profileId: z.int(),
    arm: z.string(),
    persona: z.string(),
    channel: z.enum(CHANNELS),
    creativeId: z.int().nullable(),
    state,
    code: z.string().nullable().describe('Of a failure.'),
    reason: z.string().nullable().describe('Of a skip, a deferral, an uncertainty.'),
    attempts: z.int(),
    notBefore: z.date().nullable(),
    gatedAt: z.date(),
    settledAt: z.date().nullable(),
    providerId: z.string().nullable(),
  })
  .meta({ id: 'Delivery' });

export interface DeliveriesDeps {
  readonly campaigns: CampaignsReadStore;
  readonly deliveries: Pick<DeliveryStore, 'list'>;
}

export function deliveriesRoutes(app: App, { campaigns, deliveries }: DeliveriesDeps): void {
  app.get(
    '/v1/campaigns/:id/deliveries',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['campaigns'],
        summary: 'The ledger: people looked at so far, each once',
        params: idParams,
        querystring: z.strictObject({
          state: state.optional(),
          wave: z.string().max(80).optional(),
          after: z.coerce.number().int().min(1).optional(),
          limit: limitSchema,
        }),
        response: { 200: pageOf(deliverySchema) },
      },
    },
    async ({ params, query }) => {
      await campaigns.standing(params.id);
      const found = await deliveries.list({
        campaignId: params.id,
        ...(query.state === undefined ? {} : { state: query.state }),
        ...(query.wave === undefined ? {} : { wave: query.wave }),
        ...(query.after === undefined ? {} : { afterId: query.after }),
        limit: query.limit + 1,
      });
      return toPage(found, query.limit, ({ id }) => String(id));
    },
  );
}
