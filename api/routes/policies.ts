import { z } from 'zod';
import { BoucleError } from '../../domain/shared/errors';
import {
  POLICY_KINDS,
  POLICY_SCHEMAS,
  type PoliciesStore,
  type PolicyKind,
  type PolicyKinds,
} from '../../store/policies-store';
import { checkedByRoute, parseAs } from '../parse';
import { principalOf } from '../plugins/authentication';
import { keySchema, limitSchema } from '../schemas/common';
import type { App } from '../types';

export interface PoliciesDeps {
  readonly policies: PoliciesStore;
}

const keyParams = z.object({ key: keySchema });

/** What each kind is about, for whoever reads the documentation. */
const ABOUT: Readonly<Record<PolicyKind, string>> = {
  cap: 'limits on contacts per person and period',
  'quiet-hours': 'hours and days a channel may be used in, by market',
  channel: 'channels by nature and urgency',
  'unit-cost': 'what a unit of a channel costs',
  rate: 'most messages a second, by provider or recipient domain',
  consistency: 'what must not be said together, or at all; a breach makes the value doubtful',
  lifecycle: 'states people can be in, each by a rule; the first that holds is theirs',
  interest: 'events that raise the interest in a category, which fades by half in 30 days',
  'event-type': 'what events of a type look like',
  value: 'the currency and the tiers that value is told in, by market',
  holdout: 'people no campaign touches, drawn by hash anew each period',
};

/** The rules people agreed on. Each kind has its own addresses, so that its definition is documented and checked as it is. */
export function policiesRoutes(app: App, { policies }: PoliciesDeps): void {
  for (const kind of POLICY_KINDS) policyRoutes(app, policies, kind, POLICY_SCHEMAS[kind]);
}

function policyRoutes<K extends PolicyKind>(
  app: App,
  policies: PoliciesStore,
  kind: K,
  definition: z.ZodType<PolicyKinds[K]>,
): void {
  const policySchema = z.object({
    key: z.string(),
    definition,
    updatedBy: z.string(),
    updatedAt: z.date(),
  });
  const changeSchema = z.object({
    definition: definition.nullable().describe('null: it was taken away.'),
    changedBy: z.string(),
    changedAt: z.date(),
  });

  app.get(
    `/v1/policies/${kind}`,
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['policies'],
        summary: `Policies: ${ABOUT[kind]}, and who last changed each`,
        response: { 200: z.object({ items: z.array(policySchema) }) },
      },
    },
    async () => ({ items: await policies.listed(kind) }),
  );

  app.get(
    `/v1/policies/${kind}/:key/changes`,
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['policies'],
        summary: 'Who changed this policy and when, newest first',
        params: keyParams,
        querystring: z.strictObject({ limit: limitSchema }),
        response: { 200: z.object({ items: z.array(changeSchema) }) },
      },
    },
    async ({ params, query }) => ({ items: await policies.changes(kind, params.key, query.limit) }),
  );

  app.put(
    `/v1/policies/${kind}/:key`,
    {
      config: { roles: ['admin'] },
      schema: {
        tags: ['policies'],
        summary: `Sets a policy: ${ABOUT[kind]}`,
        params: keyParams,
        body: checkedByRoute(definition),
        response: { 200: z.object({ key: z.string(), changed: z.boolean() }) },
      },
    },
    async (request) => {
      const { key } = request.params;
      const given = parseAs('invalid-request', 'The policy does not fit its kind.', definition, request.body);
      const changed = await policies.put(kind, key, given, principalOf(request).name);
      return { key, changed };
    },
  );

  app.delete(
    `/v1/policies/${kind}/:key`,
    {
      config: { roles: ['admin'] },
      schema: {
        tags: ['policies'],
        summary: 'Takes a policy away; it stays in the list of changes',
        params: keyParams,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const removed = await policies.remove(kind, request.params.key, principalOf(request).name);
      if (!removed) throw new BoucleError('not-found', 'There is no such policy.');
      return reply.code(204).send(null);
    },
  );
}
