import { z } from 'zod';
import { offerCodeSchema, offerSchema } from '../../domain/offers/offer';
import { BoucleError } from '../../domain/shared/errors';
import type { OffersStore } from '../../store/offers-store';
import { principalOf } from '../plugins/authentication';
import type { App } from '../types';

const params = z.object({ code: offerCodeSchema });
const knownOffer = z
  .object({ ...offerSchema.shape, code: z.string(), updatedBy: z.string(), updatedAt: z.date() })
  .meta({ id: 'Offer' });

/** What people are given a code for. The persona matrix names none that is not here. */
export function offersRoutes(app: App, { offers }: { offers: OffersStore }): void {
  app.get(
    '/v1/offers',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['offers'],
        summary: 'Every offer, by code',
        response: { 200: z.object({ items: z.array(knownOffer) }) },
      },
    },
    async () => ({ items: await offers.list() }),
  );

  app.get(
    '/v1/offers/:code',
    {
      config: { roles: ['viewer'] },
      schema: { tags: ['offers'], summary: 'One offer', params, response: { 200: knownOffer } },
    },
    async (request) => {
      const found = await offers.get(request.params.code);
      if (found === null) throw new BoucleError('not-found', 'No such offer.');
      return found;
    },
  );

  app.put(
    '/v1/offers/:code',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['offers'],
        summary: 'An offer: its dates, its conditions, its markets',
        params,
        body: offerSchema,
        response: { 200: knownOffer },
      },
    },
    async (request) => offers.put(request.params.code, request.body, principalOf(request).name),
  );

  app.delete(
    '/v1/offers/:code',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['offers'],
        summary: 'Takes an offer away that no matrix in use names',
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      if (!(await offers.remove(request.params.code))) throw new BoucleError('not-found', 'No such offer.');
      return reply.code(204).send(null);
    },
  );
}
