import { createHmac, timingSafeEqual } from 'node:crypto';
import type { InAppSession } from '../../domain/delivery/ports';

export interface InAppSessions {
  /** Good until `expiresAt`, for whoever holds it. */
  seal(session: InAppSession, expiresAt: Date): string;
  /** null: not signed with this secret, or run out. */
  open(token: string, now: Date): InAppSession | null;
}

const MAC_BYTES = 16;
/** Profile id (6), end as seconds since 1970 (5), then the brand's key. */
const HEAD_BYTES = 11;
const TOKEN = /^[A-Za-z0-9_-]{37,130}$/;

/** A pseudonymous id, a brand and an end, signed: no personal data, and nothing kept here. */
export function createInAppSessions(secret: string): InAppSessions {
  // A key of its own: a link's token opens no session, and a session's token is no link.
  const key = createHmac('sha256', secret).update('boucle in-app sessions v1').digest();
  const mac = (body: Buffer): Buffer =>
    createHmac('sha256', key).update(body).digest().subarray(0, MAC_BYTES);

  return {
    seal: ({ profileId, brand }, expiresAt) => {
      const head = Buffer.alloc(HEAD_BYTES);
      head.writeUIntBE(profileId, 0, 6);
      head.writeUIntBE(Math.floor(expiresAt.getTime() / 1_000), 6, 5);
      const body = Buffer.concat([head, Buffer.from(brand, 'utf8')]);
      return Buffer.concat([body, mac(body)]).toString('base64url');
    },
    open: (token, now) => {
      if (!TOKEN.test(token)) return null;
      const bytes = Buffer.from(token, 'base64url');
      const body = bytes.subarray(0, -MAC_BYTES);
      if (body.length <= HEAD_BYTES || !timingSafeEqual(bytes.subarray(-MAC_BYTES), mac(body))) return null;
      if (body.readUIntBE(6, 5) * 1_000 <= now.getTime()) return null;
      return { profileId: body.readUIntBE(0, 6), brand: body.toString('utf8', HEAD_BYTES) };
    },
  };
}
