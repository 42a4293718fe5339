import { z } from 'zod';
import { MARKETING_PURPOSES } from '../../domain/consent/consent';
import { BoucleError } from '../../domain/shared/errors';
import { CHANNELS } from '../../domain/shared/words';
import type { ConsentStore } from '../../store/consent-store';
import { principalOf } from '../plugins/authentication';
import { keySchema } from '../schemas/common';
import { profileParams } from '../schemas/profile-params';
import type { App } from '../types';

const objectionBody = z
  .strictObject({
    how: z.enum(['phone', 'letter', 'in-person', 'e-mail']).describe('The way the person said so.'),
    purposes: z.array(z.enum(MARKETING_PURPOSES)).min(1).optional().describe('Left out: all marketing.'),
    channels: z.array(z.enum(CHANNELS)).min(1).optional().describe('Left out: all channels.'),
    note: keySchema.optional().describe('A code of yours, such as a call’s or a letter’s.'),
    suppress: z
      .enum(['none', 'brand', 'global'])
      .default('none')
      .describe('Whether their addresses may not be used again at all.'),
    brand: keySchema.optional(),
  })
  .refine((body) => (body.suppress === 'brand') === (body.brand !== undefined), {
    path: ['brand'],
    message: 'is named if and only if the suppression is of a brand',
  });

export interface ObjectionsDeps {
  readonly consents: ConsentStore;
  readonly brands: ReadonlySet<string>;
}

/** Objections people make by other ways than a message of ours, entered by somebody. */
export function objectionsRoutes(app: App, { consents, brands }: ObjectionsDeps): void {
  app.post(
    '/v1/profiles/:id/objections',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['consents'],
        summary: 'An objection somebody made by telephone, letter, e-mail or in person',
        params: profileParams,
        body: objectionBody,
        response: {
          201: z.object({
            events: z.int().describe('Objections put on record; those on record already make none.'),
            suppressed: z.int().describe('Addresses that were not suppressed yet.'),
          }),
        },
      },
    },
    async (request, reply) => {
      const { how, purposes, channels, note, suppress, brand } = request.body;
      const { id } = request.params;
      if (brand !== undefined && !brands.has(brand))
        throw new BoucleError('invalid-request', 'There is no such brand.', [
          { path: '/brand', message: 'no such brand' },
        ]);
      if ((await consents.history(id)) === null) throw new BoucleError('not-found', 'No such profile.');
      const made = await consents.objectEverything({
        profileId: id,
        source: `objection-${how}`,
        recordedBy: principalOf(request).name,
        evidence: { how, ...(note === undefined ? {} : { note }) },
        ...(purposes === undefined ? {} : { purposes: [...new Set(purposes)] }),
        ...(channels === undefined ? {} : { channels: [...new Set(channels)] }),
        ...(suppress === 'none' ? {} : { suppress: brand === undefined ? 'global' : `brand:${brand}` }),
      });
      return reply.code(201).send(made);
    },
  );
}
