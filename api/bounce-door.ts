import type { FastifyBaseLogger } from 'fastify';
import { startBounceListener, type BounceListener } from '../adapters/bounces/lmtp-listener';
import { createLinkSigner } from '../adapters/links/signer';
import type { Brand } from '../domain/creatives/ports';
import type { Sql } from '../store/db';
import { emailFingerprint } from '../store/fingerprint';
import { createProviderEventsStore } from '../store/provider-events-store';
import { loggable } from './plugins/errors';
import { createReturnedMails } from './returned-mails';

export interface BounceDoorDeps {
  readonly host: string;
  readonly port: number;
  readonly sql: Sql;
  readonly brands: Iterable<Brand>;
  readonly linkSecret: string;
  readonly pepper: string;
  readonly log: Pick<FastifyBaseLogger, 'warn' | 'error'>;
}

/**
 * Returned mails by LMTP, beside `POST /webhooks/bounces`, for the domains that brands have bounces come back to. Throws
 * configuration-invalid where no brand has one.
 */
export function openBounceDoor(deps: BounceDoorDeps): Promise<BounceListener> {
  const { host, port, sql, brands, linkSecret, pepper, log } = deps;
  const domains = new Set([...brands].flatMap(({ sender }) => sender.bounceDomain ?? []));
  if (domains.size === 0)
    throw new Error('configuration-invalid\nBOUNCE_LMTP_PORT: no brand has a sender.bounceDomain');
  const mails = createReturnedMails({
    provider: createProviderEventsStore(sql, ['email']),
    find: {
      signer: createLinkSigner(linkSecret),
      fingerprint: (address) => emailFingerprint(pepper, address),
    },
  });
  return startBounceListener({
    host,
    port,
    domains,
    receive: async (mail, recipient) => {
      const { kind, why, outcome } = await mails.receive(mail, recipient);
      if (outcome === 'no-delivery')
        log.warn({ code: 'returned-mail-unknown', kind, why }, 'a returned mail names no delivery');
    },
    onFault: (fault) => {
      log.error(
        { code: 'returned-mail-not-kept', fault: loggable(fault) },
        'a returned mail could not be taken',
      );
    },
  });
}
