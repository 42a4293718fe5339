import { z } from 'zod';
import type { EventRules } from '../../domain/events/check-event';
import { mappingFaults } from '../../domain/events/mapping-faults';
import { mappingSchema } from '../../domain/profiles/mapping';
import { BoucleError } from '../../domain/shared/errors';
import type { ImportsStore } from '../../store/imports-store';
import { checkedByRoute, parseAs } from '../parse';
import { principalOf } from '../plugins/authentication';
import { keySchema } from '../schemas/common';
import type { App } from '../types';

export interface ImportMappingsRoutesDeps {
  readonly imports: ImportsStore;
  readonly eventRules: () => Promise<EventRules>;
}

export function importMappingsRoutes(app: App, { imports, eventRules }: ImportMappingsRoutesDeps): void {
  app.put(
    '/v1/imports/mappings/:key',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['imports'],
        summary: 'What the columns of a file are',
        params: z.object({ key: keySchema }),
        body: checkedByRoute(mappingSchema),
        response: { 200: mappingSchema },
      },
    },
    async (request) => {
      const { key } = request.params;
      const given: unknown = request.body;
      const named =
        typeof given === 'object' && given !== null && !Array.isArray(given) ? { key, ...given } : given;
      const mapping = parseAs('mapping-invalid', 'The mapping has faults.', mappingSchema, named);
      if (mapping.key !== key)
        throw new BoucleError('mapping-invalid', 'The mapping has another key than its address.', [
          { path: '/key', message: 'is not the key of the address' },
        ]);
      const faults = mappingFaults(mapping, await eventRules());
      if (faults.length > 0)
        throw new BoucleError('mapping-invalid', 'The mapping makes events that are not taken.', faults);
      return imports.putMapping(key, mapping, principalOf(request).name);
    },
  );

  app.get(
    '/v1/imports/mappings/:key',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['imports'],
        summary: 'One mapping',
        params: z.object({ key: keySchema }),
        response: { 200: mappingSchema },
      },
    },
    async ({ params }) => {
      const mapping = await imports.getMapping(params.key);
      if (mapping === null) throw new BoucleError('not-found', 'No such mapping.');
      return mapping;
    },
  );

  app.get(
    '/v1/imports/mappings',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['imports'],
        summary: 'Every mapping',
        response: { 200: z.object({ items: z.array(mappingSchema) }) },
      },
    },
    async () => ({ items: await imports.listMappings() }),
  );
}
