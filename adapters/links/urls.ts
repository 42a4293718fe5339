import type { LinkSigner } from './signer';

/** Public addresses of one delivery's links; the api serves them. */
export interface LinkUrls {
  click(deliveryId: number, linkIndex: number): string;
  open(deliveryId: number): string;
  unsubscribe(deliveryId: number): string;
}

export function createLinkUrls(signer: LinkSigner, publicUrl: string): LinkUrls {
  const base = publicUrl.replace(/\/+$/, '');
  return {
    click: (deliveryId, linkIndex) => `${base}/t/c/${signer.click(deliveryId, linkIndex)}`,
    open: (deliveryId) => `${base}/t/o/${signer.open(deliveryId)}`,
    unsubscribe: (deliveryId) => `${base}/u/${signer.unsubscribe(deliveryId)}`,
  };
}
