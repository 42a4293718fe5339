import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BoucleError } from '../../domain/shared/errors';
import type { IdempotencyStore } from '../../store/idempotency-store';
import type { App } from '../types';
import { sealed, unsealed } from '../sealed';
import { isMutating } from './audit';
import { principalOf } from './authentication';

const KEY = /^[\x21-\x7e]{1,200}$/;

/** The call's key, or null where it carries none. Throws invalid-request. */
export function idempotencyKeyOf(request: FastifyRequest): string | null {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return null;
  if (typeof header === 'string' && KEY.test(header)) return header;
  throw new BoucleError('invalid-request', 'Idempotency-Key is 1 to 200 visible ASCII characters.', [
    { path: '/headers/idempotency-key', message: 'is 1 to 200 visible ASCII characters' },
  ]);
}

/** SHA-256 over what makes two calls the same: method, address with its query, and the digest of the body. */
export function requestHash(request: FastifyRequest, body: Uint8Array): Buffer {
  const digest = createHash('sha256').update(body).digest();
  return createHash('sha256').update(`${request.method} ${request.url}\n`).update(digest).digest();
}

/**
 * Takes the key for this call, or answers in its place: the stored answer, 422 where the body was another, 409 while
 * the first call still runs. True: it was answered.
 */
export async function claimOrAnswer(
  store: IdempotencyStore,
  request: FastifyRequest,
  reply: FastifyReply,
  claim: { key: string; hash: Buffer },
): Promise<boolean> {
  const result = await store.claim(principalOf(request).name, claim.key, claim.hash);
  switch (result.kind) {
    case 'claimed':
      request.idempotency = claim;
      return false;
    case 'running':
      throw new BoucleError('idempotency-running', 'A call with this Idempotency-Key is still running.');
    case 'mismatch':
      throw new BoucleError('idempotency-mismatch', 'This Idempotency-Key came with another request before.');
    case 'answered': {
      const { body } = result.answer;
      const text =
        request.routeOptions.config.secretAnswer === true && body !== null
          ? unsealed(body, bearerOf(request))
          : body;
      // Another key of the same principal: it may not read what was said to this one.
      if (text === null && body !== null)
        throw new BoucleError(
          'idempotency-mismatch',
          'This Idempotency-Key came with another API key before.',
        );
      request.replayed = true;
      void reply.code(result.answer.status).header('idempotent-replay', 'true');
      if (result.answer.contentType !== null) void reply.header('content-type', result.answer.contentType);
      void reply.send(text ?? '');
      return true;
    }
  }
}

/** A file that comes with a key is held whole: only its bytes tell whether another came under the same key. */
const KEYED_FILE_BYTES = 32 << 20;

/**
 * The file of a call whose route claims its key itself, once its bytes are known. null: it was answered. Throws too-large
 * for a file that is too large to be held; sent without a key, it is read as it comes.
 */
export async function keyedFile(
  store: IdempotencyStore,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<AsyncIterable<Uint8Array> | null> {
  const key = idempotencyKeyOf(request);
  if (key === null) return request.raw;
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request.raw) {
    if (!(part instanceof Uint8Array)) continue;
    bytes += part.length;
    if (bytes > KEYED_FILE_BYTES)
      throw new BoucleError(
        'too-large',
        'A file with an Idempotency-Key is at most 32 MiB; its rows count once without.',
        [{ path: '/', message: 'is too large for an Idempotency-Key' }],
      );
    parts.push(part);
  }
  const file = Buffer.concat(parts);
  const claim = { key, hash: requestHash(request, file) };
  return (await claimOrAnswer(store, request, reply, claim)) ? null : Readable.from([file]);
}

/** `Idempotency-Key` on every mutating route under /v1. Answers are kept; faults of ours (5xx) are not. */
export function registerIdempotency(app: App, store: IdempotencyStore): void {
  app.decorateRequest('idempotency', null);
  app.decorateRequest('rawBody', null);
  app.decorateRequest('replayed', false);

  app.addHook('preHandler', async (request, reply) => {
    if (
      request.principal === null ||
      !isMutating(request) ||
      request.routeOptions.config.ownIdempotency === true
    )
      return undefined;
    const key = idempotencyKeyOf(request);
    if (key === null) return undefined;
    const body =
      typeof request.body === 'string' ? Buffer.from(request.body) : (request.rawBody ?? Buffer.alloc(0));
    const answered = await claimOrAnswer(store, request, reply, { key, hash: requestHash(request, body) });
    // The reply itself, so that the handler is not run while the stored answer is still on its way.
    return answered ? reply : undefined;
  });

  app.addHook('onSend', async (request, reply, payload) => {
    if (request.idempotency === null || request.principal === null) return payload;
    const { key } = request.idempotency;
    const contentType = reply.getHeader('content-type');
    try {
      if (reply.statusCode >= 500) await store.release(request.principal.name, key);
      else
        await store.complete(request.principal.name, key, {
          status: reply.statusCode,
          body: kept(request, textOf(payload)),
          contentType: typeof contentType === 'string' ? contentType : null,
        });
    } catch {
      // The key stays taken for a while and then opens again; the change itself is made.
      request.log.error({ code: 'idempotency-not-kept' }, 'an answer could not be kept');
    }
    return payload;
  });
}

const kept = (request: FastifyRequest, text: string | null): string | null =>
  request.routeOptions.config.secretAnswer === true && text !== null ? sealed(text, bearerOf(request)) : text;

const bearerOf = (request: FastifyRequest): string => request.headers.authorization ?? '';

function textOf(payload: unknown): string | null {
  if (typeof payload === 'string') return payload;
  return Buffer.isBuffer(payload) ? payload.toString('utf8') : null;
}
