import type { z } from 'zod';
import { channelPolicySchema, type ChannelPolicy } from '../domain/delivery/channel-policy';
import { holdoutSchema, type HoldoutPolicy } from '../domain/delivery/holdout';
import { rateLimitSchema, type RateLimit } from '../domain/delivery/rate-limit';
import { unitCostSchema, type UnitCost } from '../domain/delivery/unit-cost';
import { capRuleSchema, type CapRule } from '../domain/frequency/cap';
import { quietHoursSchema, type QuietHours } from '../domain/frequency/quiet-hours';
import { eventTypeSchema, type EventType } from '../domain/events/event-type';
import { consistencyRuleSchema, type ConsistencyRule } from '../domain/profiles/consistency';
import { interestPolicySchema, type InterestPolicy } from '../domain/segments/interest';
import { lifecycleStateSchema, type LifecycleState } from '../domain/segments/lifecycle';
import { valuePolicySchema, type ValuePolicy } from '../domain/segments/value';
import { BoucleError } from '../domain/shared/errors';
import type { Sql, Tx } from './db';

export interface PolicyKinds {
  readonly cap: CapRule;
  readonly 'quiet-hours': QuietHours;
  readonly channel: ChannelPolicy;
  readonly 'unit-cost': UnitCost;
  readonly rate: RateLimit;
  readonly consistency: ConsistencyRule;
  readonly lifecycle: LifecycleState;
  readonly interest: InterestPolicy;
  readonly value: ValuePolicy;
  readonly 'event-type': EventType;
  readonly holdout: HoldoutPolicy;
}
export type PolicyKind = keyof PolicyKinds;

/** What a definition of each kind must look like. */
export const POLICY_SCHEMAS = {
  cap: capRuleSchema,
  'quiet-hours': quietHoursSchema,
  channel: channelPolicySchema,
  'unit-cost': unitCostSchema,
  rate: rateLimitSchema,
  consistency: consistencyRuleSchema,
  lifecycle: lifecycleStateSchema,
  interest: interestPolicySchema,
  value: valuePolicySchema,
  'event-type': eventTypeSchema,
  holdout: holdoutSchema,
} as const satisfies { [K in PolicyKind]: z.ZodType<PolicyKinds[K]> };

export const POLICY_KINDS = [
  'cap',
  'quiet-hours',
  'channel',
  'unit-cost',
  'rate',
  'consistency',
  'lifecycle',
  'interest',
  'value',
  'event-type',
  'holdout',
] as const;

export interface Policy<K extends PolicyKind> {
  readonly key: string;
  readonly definition: PolicyKinds[K];
  readonly updatedBy: string;
  readonly updatedAt: Date;
}

export interface PolicyChange<K extends PolicyKind> {
  /** null: it was taken away. */
  readonly definition: PolicyKinds[K] | null;
  readonly changedBy: string;
  readonly changedAt: Date;
}

export type PolicySeeds = { readonly [K in PolicyKind]: Readonly<Record<string, PolicyKinds[K]>> };

/** The rules people agreed on, by kind and key. The table is the truth; reviewed files only fill a kind that is empty. */
export function createPoliciesStore(sql: Sql | Tx) {
  return {
    /** Fills each given kind nobody has touched yet: what people changed since stays, also where they took everything away. */
    async seedEmptyKinds(seeds: Partial<PolicySeeds>): Promise<void> {
      for (const kind of POLICY_KINDS) {
        const rows = Object.entries(seeds[kind] ?? {}).map(([key, definition]) => ({ key, definition }));
        await sql`
          insert into policies (kind, key, definition)
          select ${kind}, r.key, r.definition
          from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(key text, definition jsonb)
          where not exists (select from policies where kind = ${kind})
            and not exists (select from policy_changes where kind = ${kind})
          on conflict do nothing`;
      }
    },

    /** Every policy of a kind, by key. */
    async list<K extends PolicyKind>(kind: K): Promise<Readonly<Record<string, PolicyKinds[K]>>> {
      const rows = await sql<{ key: string; definition: PolicyKinds[K] }[]>`
        select key, definition from policies where kind = ${kind} order by key`;
      return Object.fromEntries(rows.map((row) => [row.key, row.definition]));
    },

    /** Every policy of a kind with who last touched it, by key. */
    async listed<K extends PolicyKind>(kind: K): Promise<Policy<K>[]> {
      return sql<Policy<K>[]>`
        select key, definition, updated_by as "updatedBy", updated_at as "updatedAt"
        from policies where kind = ${kind} order by key`;
    },

    /** Who made a policy what it was, newest first; a seed is not a change. */
    async changes<K extends PolicyKind>(kind: K, key: string, limit: number): Promise<PolicyChange<K>[]> {
      return sql<PolicyChange<K>[]>`
        select definition, changed_by as "changedBy", changed_at as "changedAt"
        from policy_changes where kind = ${kind} and key = ${key} order by id desc limit ${limit}`;
    },

    /** Answers whether anything changed: the same definition again does not. Throws segment-unknown, conflict. */
    async put<K extends PolicyKind>(
      kind: K,
      key: string,
      definition: PolicyKinds[K],
      by: string,
    ): Promise<boolean> {
      await onlyOneOfItsType(sql, kind, key, definition);
      const segment = ('segment' in definition ? definition.segment : undefined) ?? null;
      // In one statement, so that the segment it names is held, and cannot be retired, until it is written.
      const [row] = await sql<{ changed: number; known: boolean }[]>`
        with held as (
          select key from live_segments where key = ${segment}::text for key share
        ), given as (
          select ${JSON.stringify(definition)}::text::jsonb as definition
          where ${segment}::text is null or exists (select from held)
        ), written as (
          insert into policies as p (kind, key, definition, updated_by)
          select ${kind}, ${key}, definition, ${by} from given
          on conflict (kind, key) do update
            set definition = excluded.definition, updated_by = excluded.updated_by, updated_at = now()
            where p.definition <> excluded.definition
          returning definition
        ), noted as (
          insert into policy_changes (kind, key, definition, changed_by)
          select ${kind}, ${key}, definition, ${by} from written
        )
        select (select count(*) from written) as changed, exists (select from given) as known`;
      if (row === undefined) throw new Error('counts are one row');
      if (!row.known) throw segmentUnknown();
      return row.changed > 0;
    },

    /** Answers whether it was there. */
    async remove(kind: PolicyKind, key: string, by: string): Promise<boolean> {
      const [row] = await sql<{ removed: number }[]>`
        with removed as (
          delete from policies where kind = ${kind} and key = ${key} returning key
        ), noted as (
          insert into policy_changes (kind, key, changed_by) select ${kind}, key, ${by} from removed
        )
        select count(*) as removed from removed`;
      return (row?.removed ?? 0) > 0;
    },
  };
}

/** A cap for people of a segment that nobody made would hold nobody, silently. */
const segmentUnknown = (): BoucleError =>
  new BoucleError('segment-unknown', 'The cap names a segment that is not live.', [
    { path: '/segment', message: 'no segment of this key is live' },
  ]);

/** Of two policies about one type of events, which counts would be luck. */
async function onlyOneOfItsType(
  sql: Sql | Tx,
  kind: PolicyKind,
  key: string,
  definition: PolicyKinds[PolicyKind],
): Promise<void> {
  if (kind !== 'event-type' || !('type' in definition)) return;
  const [other] = await sql<{ key: string }[]>`
    select key from policies where kind = ${kind} and key <> ${key} and definition ->> 'type' = ${definition.type}`;
  if (other === undefined) return;
  throw new BoucleError('conflict', `The policy ${other.key} is about this type already.`, [
    { path: '/type', message: `is that of ${other.key}` },
  ]);
}

export type PoliciesStore = ReturnType<typeof createPoliciesStore>;
