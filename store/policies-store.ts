import type { z } from 'zod';
import { channelPolicySchema, type ChannelPolicy } from '../domain/delivery/channel-policy';
import { rateLimitSchema, type RateLimit } from '../domain/delivery/rate-limit';
import { unitCostSchema, type UnitCost } from '../domain/delivery/unit-cost';
import { capRuleSchema, type CapRule } from '../domain/frequency/cap';
import { quietHoursSchema, type QuietHours } from '../domain/frequency/quiet-hours';
import type { Sql, Tx } from './db';

export interface PolicyKinds {
  readonly cap: CapRule;
  readonly 'quiet-hours': QuietHours;
  readonly channel: ChannelPolicy;
  readonly 'unit-cost': UnitCost;
  readonly rate: RateLimit;
}
export type PolicyKind = keyof PolicyKinds;

/** What a definition of each kind must look like. */
export const POLICY_SCHEMAS = {
  cap: capRuleSchema,
  'quiet-hours': quietHoursSchema,
  channel: channelPolicySchema,
  'unit-cost': unitCostSchema,
  rate: rateLimitSchema,
} as const satisfies { [K in PolicyKind]: z.ZodType<PolicyKinds[K]> };

export const POLICY_KINDS = ['cap', 'quiet-hours', 'channel', 'unit-cost', 'rate'] as const;

export type PolicySeeds = { readonly [K in PolicyKind]: Readonly<Record<string, PolicyKinds[K]>> };

/** The rules people agreed on, by kind and key. The table is the truth; reviewed files only fill a kind that is empty. */
export function createPoliciesStore(sql: Sql | Tx) {
  return {
    /** Fills each kind nobody has a row of yet: what people changed since stays. */
    async seedEmptyKinds(seeds: PolicySeeds): Promise<void> {
      for (const kind of POLICY_KINDS) {
        const rows = Object.entries(seeds[kind]).map(([key, definition]) => ({ key, definition }));
        await sql`
          insert into policies (kind, key, definition)
          select ${kind}, r.key, r.definition
          from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(key text, definition jsonb)
          where not exists (select from policies where kind = ${kind})
          on conflict do nothing`;
      }
    },

    /** Every policy of a kind, by key. */
    async list<K extends PolicyKind>(kind: K): Promise<Readonly<Record<string, PolicyKinds[K]>>> {
      const rows = await sql<{ key: string; definition: PolicyKinds[K] }[]>`
        select key, definition from policies where kind = ${kind} order by key`;
      return Object.fromEntries(rows.map((row) => [row.key, row.definition]));
    },

    async put<K extends PolicyKind>(
      kind: K,
      key: string,
      definition: PolicyKinds[K],
      by: string,
    ): Promise<void> {
      await sql`
        insert into policies (kind, key, definition, updated_by)
        values (${kind}, ${key}, ${JSON.stringify(definition)}::text::jsonb, ${by})
        on conflict (kind, key) do update
          set definition = excluded.definition, updated_by = excluded.updated_by, updated_at = now()`;
    },

    /** Answers whether it was there. */
    async remove(kind: PolicyKind, key: string): Promise<boolean> {
      const { count } = await sql`delete from policies where kind = ${kind} and key = ${key}`;
      return count > 0;
    },
  };
}

export type PoliciesStore = ReturnType<typeof createPoliciesStore>;
