import { z } from 'zod';
import { patchOf, profileInputSchema } from '../../domain/profiles/profile-input';
import { REJECT_REASONS } from '../../domain/profiles/checked';
import { BoucleError } from '../../domain/shared/errors';
import type { ProfileRef } from '../../domain/events/event';
import type { ProfilesStore, ProfileView } from '../../store/profiles-store';
import { limitSchema, pageOf, toPage } from '../schemas/common';
import type { App } from '../types';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const profileSchema = z
  .object({
    id: z.int(),
    market: z.string(),
    area: z.string().nullable(),
    locale: z.string(),
    timezone: z.string().nullable(),
    attributes: z.record(z.string(), scalar.nullable()),
    derived: z
      .record(z.string(), scalar.nullable())
      .describe('What Boucle keeps up of them: orders, value tier, state…'),
    doubtful: z.array(z.string()).describe('Fields whose value a consistency rule does not believe.'),
    reachable: z.object({ email: z.boolean(), phone: z.boolean(), post: z.boolean() }),
    source: z.string(),
    mergedInto: z
      .int()
      .nullable()
      .describe('The profile that stands for this one; null: it stands for itself.'),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Profile', description: 'Pseudonymous: names and addresses stay in the schema identity.' });

const originSchema = z
  .object({
    field: z.string().describe('A field, or attributes.<name>.'),
    source: z.string(),
    importId: z.string().nullable(),
    steps: z.array(z.string()).readonly(),
    at: z.date(),
  })
  .meta({ id: 'FieldOrigin' });

const upsertedSchema = z.object({
  id: z.int(),
  outcome: z.enum(['created', 'merged', 'unchanged']),
  conflicts: z.array(z.string()).describe('Keys that are somebody else’s and were left with them.'),
});

const lookUp = z.strictObject({
  customerKey: z.string().min(1).max(500).optional(),
  email: z.string().min(3).max(500).optional(),
  after: z.coerce.number().int().min(0).optional(),
  limit: limitSchema,
});

const id = z.coerce.number().int().min(1);

export function profilesRoutes(app: App, { profiles }: { profiles: ProfilesStore }): void {
  app.get(
    '/v1/profiles/:id',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['profiles'],
        summary: 'One profile',
        params: z.object({ id }),
        response: { 200: profileSchema },
      },
    },
    async ({ params }) => known(await profiles.get(params.id)),
  );

  app.get(
    '/v1/profiles',
    {
      // Looking people up by what identifies them takes more than looking at campaigns.
      config: { roles: ['editor', 'admin'] },
      schema: {
        tags: ['profiles'],
        summary: 'Profiles in order of id, or the one with a customer key or an e-mail address',
        querystring: lookUp,
        response: { 200: pageOf(profileSchema) },
      },
    },
    async ({ query: { customerKey, email, after, limit } }) => {
      const ref: ProfileRef | null =
        customerKey !== undefined ? { customerKey } : email !== undefined ? { email } : null;
      if (ref !== null) return { items: [known(await profiles.find(ref))], next: null };
      const found = await profiles.list({ ...(after === undefined ? {} : { after }), limit: limit + 1 });
      return toPage(found.map(known), limit, (profile) => String(profile.id));
    },
  );

  app.get(
    '/v1/profiles/:id/origins',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['profiles'],
        summary: 'Where each field came from: source, file, steps and when',
        params: z.object({ id }),
        response: { 200: z.object({ items: z.array(originSchema) }) },
      },
    },
    async ({ params }) => {
      known(await profiles.get(params.id));
      return { items: await profiles.origins(params.id) };
    },
  );

  app.route({
    method: ['POST', 'PUT'],
    url: '/v1/profiles',
    config: { roles: ['editor'] },
    schema: {
      tags: ['profiles'],
      summary: 'Creates a profile or merges into the one with its customer key, e-mail or telephone',
      body: profileInputSchema,
      response: { '2xx': upsertedSchema },
    },
    handler: async (request, reply) => {
      const made = patchOf(request.body);
      if (!made.ok) {
        const faults = made.faults.map(({ field, code }) => ({
          path: `/${field.replaceAll('.', '/')}`,
          message: `${code}: ${REJECT_REASONS[code]}`,
        }));
        throw new BoucleError('invalid-request', 'Some fields are not what they should be.', faults);
      }
      const { profileId, outcome, conflicts } = await profiles.upsert(made.patch, 'api');
      request.auditTarget = String(profileId);
      return reply
        .code(outcome === 'created' ? 201 : 200)
        .send({ id: profileId, outcome, conflicts: [...conflicts] });
    },
  });
}

function known(profile: ProfileView | null) {
  if (profile === null) throw new BoucleError('not-found', 'No such profile.');
  return { ...profile, attributes: { ...profile.attributes }, doubtful: [...profile.doubtful] };
}
