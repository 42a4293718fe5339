import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a tracked link, a pixel, a link to unsubscribe or to one's preferences, or a return path stands for. */
export type LinkToken =
  | { readonly kind: 'click'; readonly deliveryId: number; readonly linkIndex: number }
  | { readonly kind: 'open' | 'unsubscribe' | 'bounce' | 'preferences'; readonly deliveryId: number };

export interface LinkSigner {
  click(deliveryId: number, linkIndex: number): string;
  open(deliveryId: number): string;
  unsubscribe(deliveryId: number): string;
  bounce(deliveryId: number): string;
  preferences(deliveryId: number): string;
  /** What was signed, or null for anything that was not signed with this secret. */
  read(token: string): LinkToken | null;
}

/** 96 bits: guessing one link takes longer than anybody has, and the token stays at 28 characters. */
const MAC_BYTES = 12;
const KIND = { click: 1, open: 2, unsubscribe: 3, bounce: 4, preferences: 5 } as const;
/** kind (1), delivery id (6), link index (2). */
const BODY_BYTES = 9;
const TOKEN = /^[A-Za-z0-9_-]{28}$/;

/**
 * Tokens carry ids only, so a forwarded mail tells nothing about anybody: kind, delivery and link in 9 bytes and 96
 * bits of their HMAC-SHA-256, in base64url. The kind is signed too: a click's token cannot unsubscribe anybody.
 */
export function createLinkSigner(secret: string): LinkSigner {
  // A key of its own: the same secret elsewhere would sign nothing that passes here.
  const key = createHmac('sha256', secret).update('boucle links v1').digest();
  const mac = (body: Buffer): Buffer =>
    createHmac('sha256', key).update(body).digest().subarray(0, MAC_BYTES);

  const sign = (kind: keyof typeof KIND, deliveryId: number, linkIndex: number): string => {
    const body = Buffer.alloc(BODY_BYTES);
    body.writeUInt8(KIND[kind], 0);
    body.writeUIntBE(deliveryId, 1, 6);
    body.writeUInt16BE(linkIndex, 7);
    return Buffer.concat([body, mac(body)]).toString('base64url');
  };

  return {
    click: (deliveryId, linkIndex) => sign('click', deliveryId, linkIndex),
    open: (deliveryId) => sign('open', deliveryId, 0),
    unsubscribe: (deliveryId) => sign('unsubscribe', deliveryId, 0),
    bounce: (deliveryId) => sign('bounce', deliveryId, 0),
    preferences: (deliveryId) => sign('preferences', deliveryId, 0),
    read: (token) => {
      if (!TOKEN.test(token)) return null;
      const bytes = Buffer.from(token, 'base64url');
      const body = bytes.subarray(0, BODY_BYTES);
      if (!timingSafeEqual(bytes.subarray(BODY_BYTES), mac(body))) return null;
      const deliveryId = body.readUIntBE(1, 6);
      switch (body.readUInt8(0)) {
        case KIND.click:
          return { kind: 'click', deliveryId, linkIndex: body.readUInt16BE(7) };
        case KIND.open:
          return { kind: 'open', deliveryId };
        case KIND.unsubscribe:
          return { kind: 'unsubscribe', deliveryId };
        case KIND.bounce:
          return { kind: 'bounce', deliveryId };
        case KIND.preferences:
          return { kind: 'preferences', deliveryId };
        default:
          return null;
      }
    },
  };
}
