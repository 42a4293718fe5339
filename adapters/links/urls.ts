import type { LinkSigner } from './signer';

/** Public addresses of one delivery; the api serves the links, and what comes back to its return path is read. */
export interface LinkUrls {
  click(deliveryId: number, linkIndex: number): string;
  open(deliveryId: number): string;
  unsubscribe(deliveryId: number): string;
  /** Envelope sender: a bounce comes back to it and so says which delivery it is about. */
  returnPath(deliveryId: number, domain: string): string;
}

export function createLinkUrls(signer: LinkSigner, publicUrl: string): LinkUrls {
  const base = publicUrl.replace(/\/+$/, '');
  return {
    click: (deliveryId, linkIndex) => `${base}/t/c/${signer.click(deliveryId, linkIndex)}`,
    open: (deliveryId) => `${base}/t/o/${signer.open(deliveryId)}`,
    unsubscribe: (deliveryId) => `${base}/u/${signer.unsubscribe(deliveryId)}`,
    returnPath: (deliveryId, domain) => `bounce+${signer.bounce(deliveryId)}@${domain}`,
  };
}
