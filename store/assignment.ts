import { createHash } from 'node:crypto';
import type postgres from 'postgres';
import type { Sql, Tx } from './db';

/** Bits of the digest that count: what a double holds exactly. */
const BITS = 52;

/**
 * Where a profile falls in [0, 1) under a salt: the first 52 bits of SHA-256 over `salt`, U+001F and the id,
 * a profile's in decimals. The same in SQL below; test vectors hold the two together.
 */
export function assignmentHash(salt: string, id: number | string): number {
  const digest = createHash('sha256').update(`${salt}\u001f${id}`, 'utf8').digest('hex');
  return parseInt(digest.slice(0, BITS / 4), 16) / 2 ** BITS;
}

/** The whole digest as bytea, for `below`: comparing bytes spares PostgreSQL the way from hex to a number (about half the cost). */
export function digestSql(sql: Sql | Tx, salt: string, id: postgres.Fragment): postgres.Fragment {
  return sql`sha256(${Buffer.from(`${salt}\u001f`, 'utf8')}::bytea || ${id}::text::bytea)`;
}

/**
 * The same number as assignmentHash, as double precision. `digest` should be a column: it is read byte by byte, which
 * takes a third of the time of the better known `('x' || hex)::bit(52)::bigint`.
 */
export function numberSql(sql: Sql | Tx, digest: postgres.Fragment): postgres.Fragment {
  return sql`(((get_byte(${digest}, 0)::bigint << 44) | (get_byte(${digest}, 1)::bigint << 36) | (get_byte(${digest}, 2)::bigint << 28)
    | (get_byte(${digest}, 3)::bigint << 20) | (get_byte(${digest}, 4)::bigint << 12) | (get_byte(${digest}, 5)::bigint << 4)
    | (get_byte(${digest}, 6)::bigint >> 4))::double precision / 4503599627370496.0)`;
}

/**
 * Bytes b such that `digest < b` exactly where assignmentHash < share, for a share in [0, 1]; null for 1 and above,
 * where everybody is below.
 */
export function shareBound(share: number): Buffer | null {
  if (share >= 1) return null;
  const units = BigInt(Math.ceil(Math.max(share, 0) * 2 ** BITS));
  return Buffer.from((units << 4n).toString(16).padStart(14, '0'), 'hex');
}

/** `digest` falls below `share`, as SQL. */
export function belowSql(sql: Sql | Tx, digest: postgres.Fragment, share: number): postgres.Fragment {
  const bound = shareBound(share);
  return bound === null ? sql`true` : sql`${digest} < ${bound}::bytea`;
}
