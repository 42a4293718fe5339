import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { verifyWebhook } from '../adapters/webhooks/signature';
import { BoucleError } from '../domain/shared/errors';
import type { Told } from '../store/provider-events-store';
import { notJson } from './json-place';
import { parseAs } from './parse';
import { notUtf8 } from './plugins/bodies';
import { refuseUnstorable, unstorable } from './plugins/input-guard';
import type { App } from './types';

const BODY_LIMIT_BYTES = 1 << 20;

/** Provider's own ids: kept with the event, so that the two can be compared. */
export const PROVIDER_ID = /^[\x21-\x7e]{1,200}$/;

/** Signatures are over the bytes: nothing is parsed before it is checked. Only these types are taken in the scope. */
export function takeRaw(scope: App, contentType: string, bodyLimit = BODY_LIMIT_BYTES): void {
  scope.removeAllContentTypeParsers();
  alsoTakeRaw(scope, contentType, bodyLimit);
}

export function alsoTakeRaw(scope: App, contentType: string, bodyLimit: number): void {
  scope.addContentTypeParser(contentType, { parseAs: 'buffer', bodyLimit }, (_request, body, done) =>
    done(null, body),
  );
}

export const badSignature = (): BoucleError =>
  new BoucleError('bad-signature', 'The signature or its timestamp does not hold.');

/**
 * The events of a JSON body signed as adapters/webhooks/signature.ts says. Without a secret every call is refused:
 * nothing unsigned is ever taken. Throws bad-signature, invalid-request.
 */
export function signedJson<T extends z.ZodType>(
  request: FastifyRequest,
  secret: string | undefined,
  nowMs: number,
  schema: T,
): z.infer<T> {
  const { body } = request;
  const timestamp = request.headers['x-boucle-timestamp'];
  const signature = request.headers['x-boucle-signature'];
  if (
    secret === undefined ||
    !Buffer.isBuffer(body) ||
    typeof timestamp !== 'string' ||
    typeof signature !== 'string' ||
    !verifyWebhook({ secret, timestamp, body, signature, nowSeconds: Math.floor(nowMs / 1_000) })
  ) {
    throw badSignature();
  }
  const events = jsonOf(body);
  refuseUnstorable(unstorable(events, ''));
  return parseAs('invalid-request', 'The events do not fit.', schema, events);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function jsonOf(body: Buffer): unknown {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw notUtf8();
  }
  try {
    return JSON.parse(text);
  } catch {
    throw notJson(text);
  }
}

/**
 * What the teller is answered: 200, with what was new, known already, and by its name what is of no delivery of ours or
 * bears the id of an event of another delivery.
 */
export const tally = <N>(told: readonly Told[], names: readonly N[]) => ({
  accepted: told.filter(({ outcome }) => outcome === 'new').length,
  duplicates: told.filter(({ outcome }) => outcome === 'known').length,
  unknown: names.filter((_, i) => told[i]?.outcome === 'no-delivery'),
  contradicting: names.filter((_, i) => told[i]?.outcome === 'contradicts'),
});
