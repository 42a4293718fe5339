import type postgres from 'postgres';
import { COLUMN_ATTRIBUTES } from '../domain/segments/predicate';
import type { Comparison, EventCount, Existence, Membership, Rule } from '../domain/segments/rule';
import type { Sql, Tx } from './db';

type Ordering = 'lt' | 'lte' | 'gt' | 'gte';
type Scalar = Comparison['value'];

/**
 * A rule as a boolean expression over profiles under the alias `p`, every value bound. It is never null: SQL's third
 * truth value would make `not` lose people whose attribute is missing. Agrees with domain/segments/predicate.ts.
 */
export function ruleSql(sql: Sql | Tx, rule: Rule, asOf: Date): postgres.Fragment {
  if ('all' in rule) return joined(sql, rule.all, asOf, sql` and `);
  if ('any' in rule) return joined(sql, rule.any, asOf, sql` or `);
  if ('not' in rule) return sql`not ${ruleSql(sql, rule.not, asOf)}`;
  if ('event' in rule) return eventSql(sql, rule, asOf);
  if ('attribute' in rule) {
    const column = COLUMN_ATTRIBUTES.find((c) => c === rule.attribute);
    return column === undefined ? attributeSql(sql, rule) : columnSql(sql, rule, sql`p.${sql(column)}`);
  }
  return sql`true`;
}

function joined(
  sql: Sql | Tx,
  rules: readonly Rule[],
  asOf: Date,
  word: postgres.Fragment,
): postgres.Fragment {
  const parts = rules.map((rule) => ruleSql(sql, rule, asOf));
  return sql`(${parts.reduce((left, right) => sql`${left}${word}${right}`)})`;
}

function comparator(sql: Sql | Tx, op: Comparison['op']): postgres.Fragment {
  switch (op) {
    case 'eq':
      return sql`=`;
    case 'ne':
      return sql`<>`;
    case 'lt':
      return sql`<`;
    case 'lte':
      return sql`<=`;
    case 'gt':
      return sql`>`;
    case 'gte':
      return sql`>=`;
  }
}

const jsonb = (sql: Sql | Tx, value: Scalar | readonly Scalar[]): postgres.Fragment =>
  sql`${JSON.stringify(value)}::text::jsonb`;

function attributeSql(sql: Sql | Tx, rule: Comparison | Membership | Existence): postgres.Fragment {
  const value = sql`(p.attributes -> ${rule.attribute}::text)`;
  if ('exists' in rule) return sql`(coalesce(${value}, 'null') <> 'null') = ${rule.exists}::boolean`;
  // A scalar is "contained" in an array that has it, numbers by value (1 = 1.0), types kept apart.
  if ('in' in rule) return sql`coalesce(${jsonb(sql, rule.in)} @> ${value}, false)`;
  if (rule.op === 'eq') return sql`coalesce(${value} = ${jsonb(sql, rule.value)}, false)`;
  if (rule.op === 'ne')
    return sql`coalesce(${value} <> ${jsonb(sql, rule.value)} and ${value} <> 'null', false)`;
  return attributeOrder(sql, rule.attribute, rule.op, rule.value, value);
}

function attributeOrder(
  sql: Sql | Tx,
  name: string,
  op: Ordering,
  bound: Scalar,
  value: postgres.Fragment,
): postgres.Fragment {
  // jsonb orders strings by the database's collation: text under "C" is by code point, as the predicate is.
  if (typeof bound === 'string') {
    return sql`coalesce(jsonb_typeof(${value}) = 'string'
      and (p.attributes ->> ${name}::text) collate "C" ${comparator(sql, op)} ${bound}::text, false)`;
  }
  if (typeof bound === 'number') {
    return sql`coalesce(jsonb_typeof(${value}) = 'number' and ${value} ${comparator(sql, op)} ${jsonb(sql, bound)}, false)`;
  }
  return sql`false`;
}

function columnSql(
  sql: Sql | Tx,
  rule: Comparison | Membership | Existence,
  column: postgres.Fragment,
): postgres.Fragment {
  if ('exists' in rule) return sql`(${column} is not null) = ${rule.exists}::boolean`;
  if ('in' in rule)
    return sql`coalesce(${column} = any(${rule.in.filter((v) => typeof v === 'string')}::text[]), false)`;
  if (typeof rule.value !== 'string') return rule.op === 'ne' ? sql`${column} is not null` : sql`false`;
  return sql`coalesce(${column} collate "C" ${comparator(sql, rule.op)} ${rule.value}::text, false)`;
}

function eventSql(sql: Sql | Tx, rule: EventCount, asOf: Date): postgres.Fragment {
  const measure = rule.measure === 'count' ? sql`count(*)` : sql`coalesce(sum(e.value_cents), 0)`;
  const since =
    rule.withinDays === undefined
      ? sql``
      : sql` and e.at > ${asOf}::timestamptz - ${rule.withinDays}::double precision * interval '1 day'`;
  return sql`(select ${measure} from events e
    where e.profile_id = p.id and e.type = ${rule.event}::text and e.at <= ${asOf}::timestamptz${since}
  ) ${comparator(sql, rule.op)} ${JSON.stringify(rule.value)}::text::numeric`;
}
