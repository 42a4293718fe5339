import { z } from 'zod';
import { BoucleError } from '../../domain/shared/errors';
import type { MembershipsStore } from '../../store/memberships-store';
import type { ProfilesStore } from '../../store/profiles-store';
import type { ExplainedMembership } from '../../store/segments/explain-membership';
import { keyParams, keySchema, limitSchema, pageOf, toPage, versionSchema } from '../schemas/common';
import { profileParams } from '../schemas/profile-params';
import { clauseSchema } from '../schemas/segment';
import type { App } from '../types';

const CAUSES = ['event', 'profile', 'time', 'version'] as const;

const explainedSchema = z
  .object({
    profileId: z.int(),
    segment: z.string(),
    version: z.int(),
    asOf: z.date(),
    holds: z.boolean(),
    memberSince: z.date().nullable().describe('null: not a member of the live version.'),
    nextDue: z.date().nullable().describe('When the rule may say something else though nothing happens.'),
    why: clauseSchema,
  })
  .meta({ id: 'ExplainedMembership' });

const change = {
  version: z.int(),
  entered: z.boolean().describe('false: left.'),
  at: z.date(),
  cause: z.enum(CAUSES),
};

export interface MembershipsDeps {
  readonly memberships: MembershipsStore;
  readonly profiles: Pick<ProfilesStore, 'get'>;
  readonly explain: (given: {
    profileId: number;
    segment: string;
    version?: number | undefined;
  }) => Promise<ExplainedMembership>;
}

/** Who is in which segment, since when and why. */
export function membershipsRoutes(app: App, { memberships, profiles, explain }: MembershipsDeps): void {
  app.get(
    '/v1/profiles/:id/explain',
    {
      config: { roles: ['editor', 'admin'] },
      schema: {
        tags: ['segments'],
        summary: 'Why somebody is in a segment or not: each clause with the value it saw',
        params: profileParams,
        querystring: z.strictObject({
          segment: keySchema,
          version: versionSchema.optional().describe('Left out: the live one.'),
        }),
        response: { 200: explainedSchema },
      },
    },
    async ({ params, query }) => explain({ profileId: params.id, ...query }),
  );

  app.get(
    '/v1/profiles/:id/segments',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['segments'],
        summary: 'The segments somebody is in, and when they entered and left each, newest first',
        params: profileParams,
        querystring: z.strictObject({ limit: limitSchema }),
        response: {
          200: z.object({
            now: z.array(z.object({ segment: z.string(), since: z.date() })),
            history: z.array(z.object({ segment: z.string(), ...change })),
          }),
        },
      },
    },
    async ({ params, query }) => {
      if ((await profiles.get(params.id)) === null) throw new BoucleError('not-found', 'No such profile.');
      return {
        now: await memberships.of(params.id),
        history: await memberships.history(params.id, query.limit),
      };
    },
  );

  app.get(
    '/v1/segments/:key/changes',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['segments'],
        summary: 'Who entered and left a segment, newest first',
        params: keyParams,
        querystring: z.strictObject({ after: z.coerce.number().int().min(1).optional(), limit: limitSchema }),
        response: { 200: pageOf(z.object({ id: z.int(), profileId: z.int(), ...change })) },
      },
    },
    async ({ params, query: { after, limit } }) =>
      toPage(await memberships.changesOf(params.key, after ?? null, limit + 1), limit, ({ id }) =>
        String(id),
      ),
  );
}
