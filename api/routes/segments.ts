import { z } from 'zod';
import { ruleSchema } from '../../domain/segments/rule';
import { BoucleError } from '../../domain/shared/errors';
import { ruleOf } from '../../store/segments/live-rules';
import type { Segment, SegmentsStore } from '../../store/segments-store';
import { checkedByRoute, parseAs } from '../parse';
import { principalOf } from '../plugins/authentication';
import { keyParams, keySchema, versionSchema } from '../schemas/common';
import { segmentSchema } from '../schemas/segment';
import type { App } from '../types';

const name = z.string().min(1).max(120);
const newSegment = z.strictObject({ key: keySchema, name, rule: ruleSchema });
const newVersion = newSegment.omit({ key: true });
/** What is checked before the rule, whose faults have a code of their own. */
const anyRule = z.unknown();

export function segmentsRoutes(app: App, { segments }: { segments: SegmentsStore }): void {
  const known = async (key: string, version?: number): Promise<Segment> => {
    const segment = await segments.get(key, version);
    if (segment === null) throw new BoucleError('not-found', 'No such segment.');
    return segment;
  };
  const put = (key: string, given: { name: string; rule: unknown }, by: string): Promise<Segment> =>
    segments.put(key, given, by);

  app.get(
    '/v1/segments',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['segments'],
        summary: 'The latest version of each segment',
        response: { 200: z.object({ items: z.array(segmentSchema) }) },
      },
    },
    async () => ({ items: await segments.list() }),
  );

  app.post(
    '/v1/segments',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['segments'],
        summary: 'A segment, or a new version of one',
        body: checkedByRoute(newSegment),
        response: { 201: segmentSchema },
      },
    },
    async (request, reply) => {
      const given = parseAs(
        'invalid-request',
        BAD_SEGMENT,
        newSegment.extend({ rule: anyRule }),
        request.body,
      );
      request.auditTarget = given.key;
      return reply.code(201).send(await put(given.key, given, principalOf(request).name));
    },
  );

  app.put(
    '/v1/segments/:key',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['segments'],
        summary: 'A new version; the same name and rule again are the version that is there',
        params: z.object({ key: keySchema }),
        body: checkedByRoute(newVersion),
        response: { 200: segmentSchema },
      },
    },
    async (request) => {
      const given = parseAs(
        'invalid-request',
        BAD_SEGMENT,
        newVersion.extend({ rule: anyRule }),
        request.body,
      );
      return put(request.params.key, given, principalOf(request).name);
    },
  );

  app.get(
    '/v1/segments/:key',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['segments'],
        summary: 'The latest version, or the one asked for',
        params: keyParams,
        querystring: z.strictObject({ version: versionSchema.optional() }),
        response: { 200: segmentSchema },
      },
    },
    async ({ params, query }) => known(params.key, query.version),
  );

  app.post(
    '/v1/segments/:key/preview',
    {
      config: { roles: ['viewer'], computation: true },
      schema: {
        tags: ['segments'],
        summary: 'How many profiles the segment, or a rule given instead, holds for at this moment',
        params: keyParams,
        body: checkedByRoute(z.strictObject({ rule: ruleSchema.optional() }).nullish()),
        response: { 200: z.object({ size: z.int() }) },
      },
    },
    async ({ params, body }) => {
      const given = parseAs(
        'invalid-request',
        BAD_SEGMENT,
        z.strictObject({ rule: anyRule.optional() }).nullish(),
        body,
      );
      const rule = given?.rule === undefined ? (await known(params.key)).rule : ruleOf(given.rule);
      return { size: await segments.count(rule) };
    },
  );
}

const BAD_SEGMENT = 'The segment does not have the documented shape.';
