import { z } from 'zod';
import { seedAddress } from '../../domain/delivery/seed-address';
import { BoucleError, type Fault } from '../../domain/shared/errors';
import { CHANNELS } from '../../domain/shared/words';
import type { SeedAddress, SeedListsStore } from '../../store/seed-lists-store';
import { principalOf } from '../plugins/authentication';
import { countsByName, keyParams, keySchema } from '../schemas/common';
import type { App } from '../types';

const addressSchema = z.strictObject({
  channel: z.enum(CHANNELS).default('email'),
  address: z
    .string()
    .min(1)
    .max(4_096)
    .describe(
      'An e-mail address, a telephone number, a device token, a profile id (in-app), lines (letter).',
    ),
});

const summarySchema = z
  .object({
    key: z.string(),
    name: z.string(),
    counts: countsByName.describe('Addresses by channel.'),
    updatedBy: z.string(),
    updatedAt: z.date(),
  })
  .meta({ id: 'SeedList' });

/** Staff who get tests and proofs. An answer to a change holds no address: it is kept for its Idempotency-Key. */
export function seedListsRoutes(app: App, { lists }: { lists: SeedListsStore }): void {
  app.put(
    '/v1/seed-lists/:key',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['proofs'],
        summary: 'A list of staff who get tests and proofs; what is left out is off it',
        params: z.object({ key: keySchema }),
        body: z.strictObject({
          name: z.string().min(1).max(120),
          addresses: z.array(addressSchema).max(200),
        }),
        response: { 200: summarySchema },
      },
    },
    async (request) => {
      const { name, addresses } = request.body;
      return lists.put(
        { key: request.params.key, name, addresses: spelt(addresses) },
        principalOf(request).name,
      );
    },
  );

  app.get(
    '/v1/seed-lists',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['proofs'],
        summary: 'Every seed list, without its addresses',
        response: { 200: z.object({ items: z.array(summarySchema) }) },
      },
    },
    async () => ({ items: await lists.list() }),
  );

  app.get(
    '/v1/seed-lists/:key',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['proofs'],
        summary: 'One seed list with its addresses',
        params: keyParams,
        response: {
          200: summarySchema.omit({ counts: true }).extend({
            addresses: z.array(z.object({ channel: z.enum(CHANNELS), address: z.string() })),
          }),
        },
      },
    },
    async ({ params }) => {
      const list = await lists.get(params.key);
      if (list === null) throw new BoucleError('not-found', 'No such seed list.');
      return { ...list, addresses: list.addresses.map((address) => ({ ...address })) };
    },
  );

  app.delete(
    '/v1/seed-lists/:key',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['proofs'],
        summary: 'Takes a seed list away, with its addresses',
        params: keyParams,
        response: { 204: z.null() },
      },
    },
    async ({ params }, reply) => {
      if (!(await lists.remove(params.key))) throw new BoucleError('not-found', 'No such seed list.');
      return reply.code(204).send(null);
    },
  );
}

/** In the one spelling addresses are compared in. Throws invalid-request naming each that is none. */
function spelt(addresses: readonly SeedAddress[]): SeedAddress[] {
  const faults: Fault[] = [];
  const good = addresses.flatMap(({ channel, address }, index) => {
    const read = seedAddress(channel, address);
    if ('address' in read) return [{ channel, address: read.address }];
    faults.push({ path: `/addresses/${index}/address`, message: read.fault });
    return [];
  });
  if (faults.length > 0) throw new BoucleError('invalid-request', 'Some addresses cannot be used.', faults);
  return good;
}
