import { z } from 'zod';
import { PRODUCTS_MAX, productSchema, skuSchema } from '../../domain/offers/product';
import { BoucleError } from '../../domain/shared/errors';
import type { CatalogStore } from '../../store/catalog-store';
import { principalOf } from '../plugins/authentication';
import { limitSchema, pageOf, toPage } from '../schemas/common';
import type { App } from '../types';

const BODY_LIMIT_BYTES = 8 << 20;
const params = z.object({ sku: skuSchema });
const knownProduct = z
  .object({
    sku: z.string(),
    name: z.string(),
    category: z.string(),
    market: z.string().nullable(),
    priceCents: z.int().nullable(),
    currency: z.string().nullable(),
    url: z.string().nullable(),
    imageUrl: z.string().nullable(),
    active: z.boolean(),
    updatedBy: z.string(),
    updatedAt: z.date(),
  })
  .meta({ id: 'Product' });

/** What is sold. */
export function catalogRoutes(app: App, { catalog }: { catalog: CatalogStore }): void {
  app.get(
    '/v1/catalog',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['offers'],
        summary: 'Products by sku, of a category or a market if one is asked for',
        querystring: z.strictObject({
          category: z.string().max(60).optional(),
          market: z.string().max(20).optional(),
          after: skuSchema.optional(),
          limit: limitSchema,
        }),
        response: { 200: pageOf(knownProduct) },
      },
    },
    async ({ query: { category, market, after, limit } }) =>
      toPage(
        await catalog.list({ category, market, after: after ?? '', limit: limit + 1 }),
        limit,
        (one) => one.sku,
      ),
  );

  app.put(
    '/v1/catalog',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      config: { roles: ['editor'] },
      schema: {
        tags: ['offers'],
        summary: `Up to ${PRODUCTS_MAX} products, each as it is given; others stay`,
        body: z.strictObject({ products: z.array(productSchema).min(1).max(PRODUCTS_MAX) }),
        response: { 200: z.object({ changed: z.int() }) },
      },
    },
    async (request) => ({ changed: await catalog.put(request.body.products, principalOf(request).name) }),
  );

  app.get(
    '/v1/catalog/:sku',
    {
      config: { roles: ['viewer'] },
      schema: { tags: ['offers'], summary: 'One product', params, response: { 200: knownProduct } },
    },
    async (request) => {
      const found = await catalog.get(request.params.sku);
      if (found === null) throw new BoucleError('not-found', 'No such product.');
      return found;
    },
  );

  app.delete(
    '/v1/catalog/:sku',
    {
      config: { roles: ['editor'] },
      schema: { tags: ['offers'], summary: 'Takes a product away', params, response: { 204: z.null() } },
    },
    async (request, reply) => {
      if (!(await catalog.remove(request.params.sku))) throw new BoucleError('not-found', 'No such product.');
      return reply.code(204).send(null);
    },
  );
}
