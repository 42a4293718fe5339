import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Role } from '../domain/shared/words';
import { BoucleError } from '../domain/shared/errors';
import type { Sql } from './db';
import { grouped } from './grouped';

export interface ApiKey {
  readonly id: string;
  /** Who it speaks for: the name in audit, approvals and authorship. */
  readonly principal: string;
  readonly slackUser: string | null;
  readonly roles: Role[];
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

const FORM = /^bcl_([a-z0-9]{1,40})_([A-Za-z0-9_-]{16,128})$/;

const sha256 = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** The public and the secret half of `bcl_<id>_<secret>`, or null where it has not that form. */
export function parseApiKey(key: string): { id: string; secret: string } | null {
  const [, id, secret] = FORM.exec(key) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}

/**
 * API keys. Only the SHA-256 of the secret half is kept: 256 random bits need no slow hash.
 */
export function createAccessStore(sql: Sql) {
  const columns = sql`id, principal, slack_user as "slackUser", roles, created_at as "createdAt", revoked_at as "revokedAt"`;

  /** Calls that come together ask together. */
  const find = grouped(async (ids: readonly string[]) => {
    const rows = await sql<(ApiKey & { hash: Buffer })[]>`
      select ${columns}, hash from api_keys where id = any(${[...new Set(ids)]}::text[]) and revoked_at is null`;
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id));
  });

  return {
    /** Answers the whole key; it cannot be read again. Throws conflict where the Slack user already has one. */
    async create(input: {
      principal: string;
      roles: readonly Role[];
      slackUser?: string;
    }): Promise<{ key: string; id: string }> {
      const id = randomBytes(6).toString('hex');
      const secret = randomBytes(32).toString('hex');
      const rows = await sql`
        insert into api_keys (id, hash, principal, slack_user, roles)
        values (${id}, ${sha256(secret)}, ${input.principal}, ${input.slackUser ?? null}, ${[...input.roles]})
        on conflict (slack_user) do nothing returning 1`;
      if (rows.length === 0)
        throw new BoucleError('conflict', 'Another key already speaks for this Slack user.');
      return { key: `bcl_${id}_${secret}`, id };
    },

    /** Makes a given key known unless its id already is: a revoked key stays revoked. Throws configuration-invalid. */
    async bootstrap(key: string): Promise<void> {
      const parsed = parseApiKey(key);
      if (parsed === null) {
        throw new BoucleError(
          'configuration-invalid',
          'BOUCLE_ADMIN_KEY must look like bcl_<id>_<at least 16 letters, digits, dashes or underscores>.',
        );
      }
      await sql`
        insert into api_keys (id, hash, principal, roles)
        values (${parsed.id}, ${sha256(parsed.secret)}, ${parsed.id}, ${['viewer', 'editor', 'approver', 'admin']})
        on conflict (id) do nothing`;
    },

    /** Who a key speaks for; null for one that is unknown, wrong or revoked. Compares in constant time. */
    async authenticate(key: string): Promise<ApiKey | null> {
      const parsed = parseApiKey(key);
      if (parsed === null) return null;
      const row = await find(parsed.id);
      if (row === undefined || !timingSafeEqual(row.hash, sha256(parsed.secret))) return null;
      const { hash: _hash, ...known } = row;
      return known;
    },

    async list(): Promise<ApiKey[]> {
      return sql<ApiKey[]>`select ${columns} from api_keys order by created_at, id`;
    },

    /** Frees the Slack user too, so that a new key can speak for them. */
    async revoke(id: string): Promise<void> {
      const rows = await sql`
        update api_keys set revoked_at = coalesce(revoked_at, now()), slack_user = null where id = ${id} returning 1`;
      if (rows.length === 0) throw new BoucleError('not-found', 'No such key.');
    },
  };
}

export type AccessStore = ReturnType<typeof createAccessStore>;
