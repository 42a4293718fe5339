import type { Db } from './db';
import { fingerprint } from './fingerprint';

export const PLATFORMS = ['android', 'ios', 'web'] as const;
export type Platform = (typeof PLATFORMS)[number];

export interface Device {
  readonly profileId: number;
  readonly token: string;
  readonly platform: Platform;
  readonly locale: string | null;
}

/** Where push messages can reach somebody. A token is as good as an address: it stays in the schema identity. */
export function createDevicesStore(db: Pick<Db, 'identity'>, pepper: string) {
  const sql = db.identity;
  const idOf = (token: string): Buffer => fingerprint(pepper, 'device', token);

  return {
    /**
     * Answers the device's id, the fingerprint of its token. A device is one person's at a time: whoever signs in on it
     * takes it over, and what was revoked is there again. null: there is no such profile.
     */
    async register({ profileId, token, platform, locale }: Device): Promise<string | null> {
      const id = idOf(token);
      const [row] = await sql<{ id: string }[]>`
        with known as (select id from profiles where id = ${profileId}),
        kept as (
          insert into identity.device_tokens (token_fp, token) select ${id}, ${token} from known
          on conflict (token_fp) do nothing
        )
        insert into devices as d (token_fp, profile_id, platform, locale)
        select ${id}, id, ${platform}, ${locale} from known
        on conflict (token_fp) do update set profile_id = excluded.profile_id, platform = excluded.platform,
          locale = coalesce(excluded.locale, d.locale), seen_at = now(), revoked_at = null
        returning encode(d.token_fp, 'hex') as id`;
      return row?.id ?? null;
    },

    /** Forgets a device. Answers whether there was one. */
    async remove(id: string): Promise<boolean> {
      const rows = await sql`
        with dropped as (delete from identity.device_tokens where token_fp = decode(${id}, 'hex'))
        delete from devices where token_fp = decode(${id}, 'hex') returning 1`;
      return rows.length > 0;
    },

    /** Tokens the provider knows of no device any more: kept as revoked, so that one can see why a push failed. */
    async revoke(tokens: readonly string[]): Promise<void> {
      const ids = tokens.map((token) => idOf(token).toString('hex'));
      await sql`
        with gone as (select decode(x, 'hex') as token_fp from unnest(${ids}::text[]) x),
        dropped as (delete from identity.device_tokens t using gone g where t.token_fp = g.token_fp)
        update devices d set revoked_at = now() from gone g where d.token_fp = g.token_fp and d.revoked_at is null`;
    },
  };
}

export type DevicesStore = ReturnType<typeof createDevicesStore>;
