import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Rule } from '../../domain/segments/rule';
import { ruleSchema } from '../../domain/segments/rule';
import { BoucleError } from '../../domain/shared/errors';
import { PURPOSES, type Purpose } from '../../domain/shared/words';
import { ruleOf } from '../../store/segments/live-rules';
import type { Simulation } from '../../store/segments/simulate';
import type { SegmentsStore } from '../../store/segments-store';
import { checkedByRoute, parseAs } from '../parse';
import { principalOf } from '../plugins/authentication';
import { keyParams, versionSchema } from '../schemas/common';
import { liveSegmentSchema, segmentSchema, simulationSchema } from '../schemas/segment';
import type { App } from '../types';

const trial = z.strictObject({
  version: versionSchema.optional().describe('Left out: the latest.'),
  rule: ruleSchema.optional().describe('Tried instead of a version, and not kept.'),
  purpose: z.enum(PURPOSES).default('promotion').describe('Whose consent is counted.'),
  sample: z.int().min(0).max(50).default(10),
});

export interface SegmentLifeDeps {
  readonly segments: SegmentsStore;
  readonly size: (key: string) => Promise<number>;
  readonly simulate: (given: {
    key: string;
    rule: Rule;
    purpose: Purpose;
    sample: number;
    now: Date;
  }) => Promise<Simulation>;
}

/** From a version that was written to one that counts: it is tried, then it goes live. */
export function segmentLifeRoutes(app: App, { segments, size, simulate }: SegmentLifeDeps): void {
  app.get(
    '/v1/segments/:key/versions',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['segments'],
        summary: 'Every version, newest first',
        params: keyParams,
        response: { 200: z.object({ items: z.array(segmentSchema) }) },
      },
    },
    async ({ params }) => {
      const items = await segments.versions(params.key);
      if (items.length === 0) throw new BoucleError('not-found', 'No such segment.');
      return { items };
    },
  );

  app.post(
    '/v1/segments/:key/simulate',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['segments'],
        summary:
          'Who would be in, why, how they can be reached, and what would change; nothing but the trial is kept',
        params: keyParams,
        body: checkedByRoute(trial.nullish()),
        response: { 200: simulationSchema },
      },
    },
    async (request) => {
      const { key } = request.params;
      const given = parseAs(
        'invalid-request',
        'The trial does not have the documented shape.',
        trial.extend({ rule: z.unknown().optional() }),
        request.body ?? {},
      );
      const { purpose, sample } = given;
      if (given.rule !== undefined && given.version !== undefined)
        throw new BoucleError('invalid-request', 'A trial is of a rule or of a version, not of both.', [
          { path: '/version', message: 'not beside a rule' },
        ]);
      const stored = given.rule === undefined ? await segments.get(key, given.version) : null;
      if (given.rule === undefined && stored === null)
        throw new BoucleError('not-found', 'No such segment or version.');
      const rule = stored?.rule ?? ruleOf(given.rule);
      const simulation = await simulate({ key, rule, purpose, sample, now: new Date() });
      const version = stored?.version ?? null;
      if (version !== null)
        await segments.recordSimulation({
          id: `t${randomBytes(8).toString('hex')}`,
          key,
          version,
          report: { size: simulation.size, change: simulation.change },
          by: principalOf(request).name,
        });
      return { key, version, ...simulation };
    },
  );

  app.post(
    '/v1/segments/:key/live',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['segments'],
        summary: 'Makes a version the one that counts; it must have been simulated',
        params: keyParams,
        body: z.strictObject({ version: versionSchema }),
        response: { 200: liveSegmentSchema },
      },
    },
    async (request) => segments.goLive(request.params.key, request.body.version, principalOf(request).name),
  );

  app.get(
    '/v1/segments/:key/live',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['segments'],
        summary: 'The version that counts, since when, and how many are in it now',
        params: keyParams,
        response: { 200: liveSegmentSchema.extend({ members: z.int() }).meta({ id: 'SegmentNow' }) },
      },
    },
    async ({ params }) => {
      const live = await segments.live(params.key);
      if (live === null) throw new BoucleError('not-found', 'No such segment is live.');
      return { ...live, members: await size(params.key) };
    },
  );

  app.delete(
    '/v1/segments/:key/live',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['segments'],
        summary: 'Retires a segment nothing names any more: its versions stay, its members leave it',
        params: keyParams,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await segments.retire(request.params.key);
      return reply.code(204).send(null);
    },
  );
}
