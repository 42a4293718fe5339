import { z } from 'zod';
import { BoucleError } from '../../domain/shared/errors';
import { ROLES } from '../../domain/shared/words';
import type { AccessStore } from '../../store/access-store';
import type { AuditStore } from '../../store/audit-store';
import { idParams, limitSchema, pageOf, toPage } from '../schemas/common';
import { principalOf } from '../plugins/authentication';
import type { App } from '../types';

const role = z.enum(ROLES);
const keySchema = z.object({
  id: z.string(),
  principal: z.string(),
  slackUser: z.string().nullable(),
  roles: z.array(role),
  createdAt: z.date(),
  revokedAt: z.date().nullable(),
});
const newKey = z.strictObject({
  principal: z.string().min(1).max(120).describe('Who it speaks for, in audit, authorship and approvals.'),
  roles: z.array(role).min(1).max(ROLES.length),
  slackUser: z
    .string()
    .regex(/^[UW][A-Z0-9]{2,30}$/, 'a Slack user id')
    .optional()
    .describe('The same person in Slack.'),
});
const auditEntry = z.object({
  id: z.int(),
  at: z.date(),
  principal: z.string(),
  action: z.string(),
  target: z.string().nullable(),
  status: z.int(),
  requestId: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

export function accessRoutes(app: App, { access, audit }: { access: AccessStore; audit: AuditStore }): void {
  app.post(
    '/v1/api-keys',
    {
      config: { roles: ['admin'], secretAnswer: true },
      schema: {
        tags: ['access'],
        summary: 'A new key; it is shown this once and cannot be read again',
        body: newKey,
        response: { 201: z.object({ id: z.string(), key: z.string() }) },
      },
    },
    async (request, reply) => {
      const { principal, roles, slackUser } = request.body;
      const made = await access.create({
        principal,
        roles: [...new Set(roles)],
        ...(slackUser === undefined ? {} : { slackUser }),
      });
      request.auditTarget = made.id;
      return reply.code(201).send(made);
    },
  );

  app.get(
    '/v1/api-keys',
    {
      config: { roles: ['admin'] },
      schema: {
        tags: ['access'],
        summary: 'Every key, revoked ones too',
        response: { 200: z.object({ items: z.array(keySchema) }) },
      },
    },
    async () => ({ items: await access.list() }),
  );

  app.delete(
    '/v1/api-keys/:id',
    {
      config: { roles: ['admin'] },
      schema: {
        tags: ['access'],
        summary: 'Revokes a key at once',
        params: idParams,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { params } = request;
      // Nobody locks everybody out: the key in use stays, so one that may make keys always does.
      if (params.id === principalOf(request).keyId) {
        throw new BoucleError('conflict', 'A key cannot revoke itself: use another admin key.');
      }
      await access.revoke(params.id);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/v1/audit',
    {
      config: { roles: ['admin'] },
      schema: {
        tags: ['access'],
        summary: 'Who changed what, newest first',
        querystring: z.strictObject({
          principal: z.string().max(120).optional(),
          after: z.coerce.number().int().min(1).optional(),
          limit: limitSchema,
        }),
        response: { 200: pageOf(auditEntry) },
      },
    },
    async ({ query: { principal, after, limit } }) => {
      const found = await audit.list({
        ...(principal === undefined ? {} : { principal }),
        ...(after === undefined ? {} : { before: after }),
        limit: limit + 1,
      });
      return toPage(
        found.map((entry) => ({ ...entry, details: { ...entry.details } })),
        limit,
        ({ id }) => String(id),
      );
    },
  );
}
