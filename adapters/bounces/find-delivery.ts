import { messageIdRef, type LedgerRef } from '../../domain/delivery/provider-event';
import type { LinkSigner } from '../links/signer';
import type { ReturnedMail } from './read-returned-mail';

const RETURN_PATH = /bounce\+([A-Za-z0-9_-]{28})@/g;
const UNSUBSCRIBE = /\/u\/([A-Za-z0-9_-]{28})(?=[>?/]|$)/;

export interface FindDeliveryDeps {
  readonly signer: Pick<LinkSigner, 'read'>;
  /** Hex of the keyed fingerprint of an address; null: it is none. */
  readonly fingerprint: (address: string) => string | null;
}

/**
 * Which message a returned mail is about, by what cannot be made up: the signed token of its return path (RFC 5321
 * §4.4 keeps it out of the message's own words), the signed unsubscribe link among its headers, or its Message-ID
 * together with the address it was sent to, which the ledger has to confirm. null: it does not say.
 */
export function findDelivery(
  mail: ReturnedMail,
  envelopeRecipient: string | null,
  { signer, fingerprint }: FindDeliveryDeps,
): LedgerRef | null {
  const addressed = [envelopeRecipient ?? '', ...mail.sentTo, mail.original.get('return-path') ?? ''];
  for (const address of addressed) {
    for (const [, token = ''] of address.matchAll(RETURN_PATH)) {
      const read = signer.read(token);
      if (read?.kind === 'bounce') return { deliveryId: read.deliveryId };
    }
  }
  const unsubscribe = UNSUBSCRIBE.exec(mail.original.get('list-unsubscribe') ?? '')?.[1];
  const read = unsubscribe === undefined ? null : signer.read(unsubscribe);
  if (read?.kind === 'unsubscribe') return { deliveryId: read.deliveryId };
  const named = messageIdRef(mail.original.get('message-id') ?? '');
  if (named === null || mail.status.kind === 'unknown') return null;
  for (const address of mail.status.recipients) {
    const addressFp = fingerprint(address);
    if (addressFp !== null) return { ...named, addressFp };
  }
  return null;
}
