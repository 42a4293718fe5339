import type { Address, SuppressionInput, SuppressionReason } from '../domain/consent/suppression';
import { checkAddress } from '../domain/consent/suppression';
import type { Sql } from './db';
import { fingerprint } from './fingerprint';

export interface Suppression {
  readonly scope: string;
  readonly reason: SuppressionReason;
  readonly at: Date;
  readonly source: string;
  readonly recordedBy: string | null;
}

export interface AppendedSuppressions {
  readonly accepted: number;
  /** Suppressed in that scope already, or twice in the same call: the first reason stays. */
  readonly duplicates: number;
  readonly rejected: readonly { readonly index: number; readonly code: string }[];
}

/** A moment may lie this far ahead of us: clocks and time zones differ by no more. */
const AHEAD_MS = 86_400_000;

/**
 * Addresses never to be used again, by keyed fingerprint alone: nothing here says whose they are, and they stay when a
 * profile is erased.
 */
export function createSuppressionsStore(sql: Sql, pepper: string) {
  /** Hex, or the code of why the address cannot be one. */
  const fingerprintOf = (address: Address): { readonly hex: string } | { readonly code: string } => {
    if ('fingerprint' in address) return { hex: address.fingerprint };
    const checked = checkAddress(address);
    return checked.ok
      ? { hex: fingerprint(pepper, checked.kind, checked.value).toString('hex') }
      : { code: checked.code };
  };

  return {
    async append(
      suppressions: readonly SuppressionInput[],
      by: { readonly source: string; readonly recordedBy: string },
    ): Promise<AppendedSuppressions> {
      const latest = Date.now() + AHEAD_MS;
      const rejected: { index: number; code: string }[] = [];
      const rows: Record<string, string | null>[] = [];
      suppressions.forEach(({ address, scope, reason, at }, index) => {
        const found = fingerprintOf(address);
        if ('code' in found) rejected.push({ index, code: found.code });
        else if (at !== undefined && Date.parse(at) > latest)
          rejected.push({ index, code: 'date-in-future' });
        else rows.push({ fingerprint: found.hex, scope, reason, at: at ?? null });
      });
      const { count } = await sql`
        insert into suppressions (fingerprint, scope, reason, at, source, recorded_by)
        select decode(fingerprint, 'hex'), scope, reason, coalesce(at, now()), ${by.source}, ${by.recordedBy}
        from json_to_recordset(${JSON.stringify(rows)}::text::json) as x(fingerprint text, scope text, reason text, at timestamptz)
        order by fingerprint, scope
        on conflict (fingerprint, scope) do nothing`;
      return { accepted: count, duplicates: rows.length - count, rejected };
    },

    /** For each address its fingerprint and the scopes it is suppressed in; the code where it is no address. */
    async lookUp(
      addresses: readonly Address[],
    ): Promise<({ fingerprint: string; suppressions: Suppression[] } | { code: string })[]> {
      const wanted = addresses.map(fingerprintOf);
      const hexes = wanted.flatMap((one) => ('hex' in one ? [one.hex] : []));
      const rows = await sql<(Suppression & { hex: string })[]>`
        select encode(fingerprint, 'hex') as hex, scope, reason, at, source, recorded_by as "recordedBy"
        from suppressions where fingerprint = any(select decode(h, 'hex') from unnest(${hexes}::text[]) h) order by scope`;
      return wanted.map((one) =>
        'code' in one
          ? one
          : {
              fingerprint: one.hex,
              suppressions: rows.filter(({ hex }) => hex === one.hex).map(({ hex: _, ...found }) => found),
            },
      );
    },

    /** The address may be used again. Answers whether it was suppressed in that scope. */
    async lift(fingerprintHex: string, scope: string): Promise<boolean> {
      const { count } = await sql`
        delete from suppressions where fingerprint = decode(${fingerprintHex}, 'hex') and scope = ${scope}`;
      return count > 0;
    },
  };
}

export type SuppressionsStore = ReturnType<typeof createSuppressionsStore>;
