import type { FastifyRequest } from 'fastify';
import type { AuditStore } from '../../store/audit-store';
import type { App } from '../types';

const MUTATING = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Whether a call changes something: mutating calls are audited and may carry an Idempotency-Key. */
export const isMutating = (request: Pick<FastifyRequest, 'method'>): boolean => MUTATING.has(request.method);

/**
 * One row for each mutating call under /v1 of somebody known, whatever came of it, written before the answer leaves.
 * An answer is not turned into a fault because its row could not be written: the change is made; the log says so.
 */
export function registerAudit(app: App, audit: AuditStore): void {
  app.decorateRequest('auditTarget', null);

  app.addHook('onSend', async (request, reply, payload) => {
    const { principal, routeOptions } = request;
    if (principal === null || routeOptions.url === undefined) return payload;
    if (!isMutating(request) || routeOptions.config.computation === true) return payload;
    const entry = {
      principal: principal.name,
      action: `${request.method} ${routeOptions.url}`,
      target: request.auditTarget ?? targetOf(request),
      status: reply.statusCode,
      requestId: request.id,
      details: { key: principal.keyId, ...(request.replayed ? { replayed: true } : {}) },
    };
    try {
      await audit.append(entry);
    } catch {
      request.log.error({ audit: entry }, 'an audit row could not be written');
    }
    return payload;
  });
}

/** The parameters of the path, which are ids and keys. Cut, since a call that was refused may hold anything. */
function targetOf(request: FastifyRequest): string | null {
  const params: unknown = request.params;
  if (typeof params !== 'object' || params === null) return null;
  const values = Object.values(params).map((value) => String(value).replace(/[\0\p{Surrogate}]/gu, ''));
  return values.length === 0 ? null : values.join('/').slice(0, 200);
}
