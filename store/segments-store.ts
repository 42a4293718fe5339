import { createHash } from 'node:crypto';
import { ruleSchema, type Rule } from '../domain/segments/rule';
import { BoucleError } from '../domain/shared/errors';
import { STORABLE } from '../domain/shared/text';
import type { Sql } from './db';
import { ruleSql } from './segment-sql';

export interface Segment {
  readonly key: string;
  readonly version: number;
  readonly name: string;
  readonly rule: Rule;
  readonly createdBy: string;
  readonly createdAt: string;
}

export interface SegmentsStore {
  /** A new version, unless name and rule are those of the latest. Throws segment-invalid with the places at fault. */
  put(key: string, input: { readonly name: string; readonly rule: unknown }, by: string): Promise<Segment>;
  /** The latest version, or the one asked for. */
  get(key: string, version?: number): Promise<Segment | null>;
  /** The latest version of each. */
  list(): Promise<Segment[]>;
  /** How many profiles a rule holds for at this moment. */
  count(rule: Rule): Promise<number>;
}

export function createSegmentsStore(sql: Sql): SegmentsStore {
  return {
    put: async (key, { name, rule: given }, by) => {
      if (!STORABLE.test(name))
        throw new BoucleError('segment-invalid', 'the name holds a NUL or a lone surrogate');
      const rule = readRule(given);
      const definition = JSON.stringify(rule);
      return sql.begin(async (tx) => {
        await tx`select pg_advisory_xact_lock(${lockOf(key)}::bigint)`;
        const [latest] = await tx<
          SegmentRow[]
        >`select * from segments where key = ${key} order by version desc limit 1`;
        if (
          latest !== undefined &&
          latest.name === name &&
          JSON.stringify(readRule(latest.rule)) === definition
        ) {
          return segment(latest);
        }
        const [row] = await tx<SegmentRow[]>`
          insert into segments (key, version, name, rule, created_by)
          values (${key}, ${(latest?.version ?? 0) + 1}, ${name}, ${definition}::text::jsonb, ${by}) returning *`;
        if (row === undefined) throw new Error('an insert answers its row');
        return segment(row);
      });
    },

    get: async (key, version) => {
      const [row] = await sql<SegmentRow[]>`
        select * from segments where key = ${key} and (${version ?? null}::int is null or version = ${version ?? null}::int)
        order by version desc limit 1`;
      return row === undefined ? null : segment(row);
    },

    list: async () =>
      (await sql<SegmentRow[]>`select distinct on (key) * from segments order by key, version desc`).map(
        segment,
      ),

    count: async (rule) => {
      const [row] = await sql<
        { n: number }[]
      >`select count(*) as n from profiles p where ${ruleSql(sql, rule, new Date())}`;
      return row?.n ?? 0;
    },
  };
}

/** One writer a key at a time, or two would take the same version. */
const lockOf = (key: string): string =>
  createHash('sha256').update(`segment ${key}`).digest().readBigInt64BE().toString();

export function readRule(given: unknown): Rule {
  const parsed = ruleSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((i) => ({
    path: `/rule/${i.path.map(String).join('/')}`,
    message: i.message,
  }));
  throw new BoucleError('segment-invalid', 'the rule is not one the rule language knows', faults);
}

interface SegmentRow {
  key: string;
  version: number;
  name: string;
  rule: unknown;
  created_by: string;
  created_at: Date;
}

const segment = (row: SegmentRow): Segment => ({
  key: row.key,
  version: row.version,
  name: row.name,
  rule: readRule(row.rule),
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
});
