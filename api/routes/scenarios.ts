import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { scenarioSchema, type Scenario } from '../../domain/campaigns/scenario';
import { referenceFaults } from '../../domain/campaigns/scenario-references';
import { validateScenario } from '../../domain/campaigns/validate-scenario';
import { waterfall } from '../../domain/campaigns/waterfall';
import type { TargetingPolicy } from '../../domain/segments/policy';
import { BoucleError } from '../../domain/shared/errors';
import type { ScenariosStore } from '../../store/scenarios-store';
import type { Orchestrator } from '../orchestrator';
import { principalOf } from '../plugins/authentication';
import { dryRunSchema } from '../schemas/dry-run';
import { keyParams, keySchema, limitSchema, pageOf, toPage, versionSchema } from '../schemas/common';
import type { App } from '../types';

/** How long a caller waits for a dry run. */
const DRY_RUN_WAIT_MS = 120_000;

const status = z.enum(['draft', 'validated', 'archived']);
const head = { key: z.string(), version: z.int(), status, createdBy: z.string(), createdAt: z.date() };
const versionOf = z.object({ ...head, definition: scenarioSchema }).meta({ id: 'ScenarioVersion' });
const summary = z.object({ ...head, name: z.string() });
const whichVersion = z.strictObject({ version: versionSchema.optional() }).nullish();

export interface ScenariosDeps {
  readonly scenarios: ScenariosStore;
  readonly orchestrator: Orchestrator;
  readonly brands: ReadonlySet<string>;
  readonly topics: ReadonlySet<string>;
  readonly targeting: TargetingPolicy;
}

export function scenariosRoutes(
  app: App,
  { scenarios, orchestrator, brands, topics, targeting }: ScenariosDeps,
): void {
  app.get(
    '/v1/scenarios',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['scenarios'],
        summary: 'The latest version of each scenario; archived ones only if asked for',
        querystring: z.strictObject({
          status: status.optional(),
          after: z.string().max(80).optional(),
          limit: limitSchema,
        }),
        response: { 200: pageOf(summary) },
      },
    },
    async ({ query: { status: wanted, after, limit } }) => {
      const found = await scenarios.list({
        ...(wanted === undefined ? {} : { status: wanted }),
        ...(after === undefined ? {} : { after }),
        limit: limit + 1,
      });
      return toPage(found, limit, ({ key }) => key);
    },
  );

  app.post(
    '/v1/scenarios',
    {
      config: { roles: ['editor'] },
      schema: { tags: ['scenarios'], summary: 'A draft', body: scenarioSchema, response: { 201: versionOf } },
    },
    async (request, reply) => {
      request.auditTarget = request.body.key;
      return reply.code(201).send(await scenarios.create(request.body, principalOf(request).name));
    },
  );

  app.put(
    '/v1/scenarios/:key',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['scenarios'],
        summary: 'A new version, a draft again',
        params: z.object({ key: keySchema }),
        body: scenarioSchema,
        response: { 200: versionOf },
      },
    },
    async (request) => {
      if (request.body.key !== request.params.key) {
        throw new BoucleError('invalid-request', 'The scenario has another key than its address.', [
          { path: '/key', message: 'is not the key of the address' },
        ]);
      }
      return scenarios.addVersion(request.body, principalOf(request).name);
    },
  );

  app.get(
    '/v1/scenarios/:key',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['scenarios'],
        summary: 'The latest version, or the one asked for',
        params: keyParams,
        querystring: z.strictObject({ version: versionSchema.optional() }),
        response: { 200: versionOf },
      },
    },
    async ({ params, query }) => scenarios.get(params.key, query.version),
  );

  app.get(
    '/v1/scenarios/:key/versions',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['scenarios'],
        summary: 'Every version, newest first',
        params: keyParams,
        response: { 200: z.object({ items: z.array(z.object(head)) }) },
      },
    },
    async ({ params }) => {
      const items = await scenarios.versions(params.key);
      if (items.length === 0) throw new BoucleError('not-found', 'No such scenario.');
      return { items };
    },
  );

  const faultsOf = async (definition: Scenario) => [
    ...validateScenario(definition),
    ...referenceFaults(definition, {
      ...(await scenarios.surroundings(definition)),
      brands,
      topics,
      targeting,
    }),
  ];

  app.post(
    '/v1/scenarios/:key/validate',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['scenarios'],
        summary: 'Checks a version; one without faults can be started',
        params: keyParams,
        body: whichVersion,
        response: { 200: z.object({ key: z.string(), version: z.int(), status }) },
      },
    },
    async ({ params, body }) => {
      const { key, version, definition } = await scenarios.get(params.key, body?.version);
      const faults = await faultsOf(definition);
      if (faults.length > 0)
        throw new BoucleError('scenario-invalid', 'The scenario cannot be run as it stands.', faults);
      await scenarios.markValidated(key, version);
      return { key, version, status: 'validated' as const };
    },
  );

  app.post(
    '/v1/scenarios/:key/clone',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['scenarios'],
        summary: 'A new draft with what another scenario says',
        params: keyParams,
        body: z.strictObject({
          key: keySchema,
          name: z.string().min(1).max(120).optional(),
          version: versionSchema.optional(),
        }),
        response: { 201: versionOf },
      },
    },
    async (request, reply) => {
      const { version, key, name } = request.body;
      const to = { key, ...(name === undefined ? {} : { name }) };
      request.auditTarget = `${request.params.key} → ${key}`;
      return reply
        .code(201)
        .send(await scenarios.clone(request.params.key, version, to, principalOf(request).name));
    },
  );

  app.post(
    '/v1/scenarios/:key/archive',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['scenarios'],
        summary: 'Every version, for good; campaigns that run go on',
        params: keyParams,
        body: z.strictObject({}).nullish(),
        response: { 204: z.null() },
      },
    },
    async ({ params }, reply) => {
      await scenarios.archive(params.key);
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/v1/scenarios/:key/dry-run',
    {
      config: { roles: ['viewer'], computation: true },
      schema: {
        tags: ['scenarios'],
        summary: 'Everything of a campaign but the sending, as if it started now',
        params: keyParams,
        body: whichVersion,
        response: { 200: dryRunSchema },
      },
    },
    async (request) => {
      const { key, version, definition } = await scenarios.get(request.params.key, request.body?.version);
      const faults = await faultsOf(definition);
      if (faults.length > 0)
        throw new BoucleError('scenario-invalid', 'The scenario cannot be run as it stands.', faults);
      const dryRunId = `d${randomBytes(8).toString('hex')}`;
      const input = { dryRunId, scenarioKey: key, scenarioVersion: version, by: principalOf(request).name };
      const report = await orchestrator.dryRun(input, DRY_RUN_WAIT_MS);
      return { ...report, waterfall: waterfall(report.audience) };
    },
  );
}
