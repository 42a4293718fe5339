import type postgres from 'postgres';
import { anniversaryDays, birthBounds, dateBounds } from '../domain/segments/day-bounds';
import { isDerived } from '../domain/segments/derived';
import { interestBound, windowMs } from '../domain/segments/predicate';
import type {
  Aged,
  Anniversary,
  Comparison,
  ConsentTest,
  Dated,
  EventCount,
  EventUsual,
  Existence,
  InterestTest,
  Membership,
  PropertyTest,
  Reachable,
  ResolvedRule,
  Textual,
} from '../domain/segments/rule';
import { COLUMN_ATTRIBUTES } from '../domain/segments/subject';
import type { Sql, Tx } from './db';
import { FINGERPRINT_COLUMN } from './fingerprint-column';

type Fragment = postgres.Fragment;
type Scalar = Comparison['value'];
type Test = Comparison | Textual | Membership | Existence | PropertyTest;

/**
 * A rule as a boolean expression over profiles under the alias `p`, every value bound. It is never null: SQL's third
 * truth value would make `not` lose people whose attribute is missing. Agrees with domain/segments/predicate.ts. What
 * hangs on the day is computed here once, for `asOf`, never by row.
 */
export function ruleSql(sql: Sql | Tx, rule: ResolvedRule, asOf: Date): Fragment {
  if ('all' in rule) return joined(sql, rule.all, asOf, sql` and `);
  if ('any' in rule) return joined(sql, rule.any, asOf, sql` or `);
  if ('not' in rule) return sql`not ${ruleSql(sql, rule.not, asOf)}`;
  if ('event' in rule) return 'usualDays' in rule ? usualSql(sql, rule, asOf) : eventSql(sql, rule, asOf);
  if ('attribute' in rule) {
    const column = columnOf(rule.attribute);
    return column === undefined
      ? valueSql(sql, rule, jsonValue(sql, rule.attribute), jsonText(sql, rule.attribute))
      : columnSql(sql, rule, sql`p.${sql(column)}`);
  }
  if ('date' in rule) return datedSql(sql, rule, asOf);
  if ('age' in rule) return agedSql(sql, rule, asOf);
  if ('anniversary' in rule) return anniversarySql(sql, rule, asOf);
  if ('consent' in rule) return consentSql(sql, rule, asOf);
  if ('interest' in rule) return interestSql(sql, rule, asOf);
  if ('reachable' in rule) return reachableSql(sql, rule);
  return sql`true`;
}

function joined(sql: Sql | Tx, rules: readonly ResolvedRule[], asOf: Date, word: Fragment): Fragment {
  const parts = rules.map((rule) => ruleSql(sql, rule, asOf));
  return sql`(${parts.reduce((left, right) => sql`${left}${word}${right}`)})`;
}

function comparator(sql: Sql | Tx, op: Comparison['op']): Fragment {
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

// Where a value is --------------------------------------------------------------------------------------------

const columnOf = (name: string) =>
  isDerived(name) ? undefined : COLUMN_ATTRIBUTES.find((column) => column === name);

const jsonColumn = (sql: Sql | Tx, name: string): Fragment =>
  isDerived(name) ? sql`p.derived` : sql`p.attributes`;

const jsonValue = (sql: Sql | Tx, name: string): Fragment => sql`(${jsonColumn(sql, name)} -> ${name}::text)`;

/** As text, whatever it is: for who looks at its form before anything else. */
const jsonText = (sql: Sql | Tx, name: string): Fragment => sql`(${jsonColumn(sql, name)} ->> ${name}::text)`;

function textOf(sql: Sql | Tx, name: string): Fragment {
  const column = columnOf(name);
  return column === undefined ? jsonText(sql, name) : sql`p.${sql(column)}`;
}

/** Of any type, for jsonb_build_array; null where there is none. */
export function attributeSql(sql: Sql | Tx, name: string): Fragment {
  const column = columnOf(name);
  return column === undefined ? jsonValue(sql, name) : sql`p.${sql(column)}`;
}

// Values ------------------------------------------------------------------------------------------------------

const jsonb = (sql: Sql | Tx, value: Scalar | readonly Scalar[]): Fragment =>
  sql`${JSON.stringify(value)}::text::jsonb`;
/** Also an infinite one, which JSON has no word for. */
const float = (sql: Sql | Tx, value: number): Fragment => sql`${String(value)}::text::float8`;

/** Of a scalar in jsonb, and the same as text. */
function valueSql(sql: Sql | Tx, test: Test, value: Fragment, text: Fragment): Fragment {
  if ('exists' in test) return sql`(coalesce(${value}, 'null') <> 'null') = ${test.exists}::boolean`;
  // A scalar is "contained" in an array that has it, numbers by value (1 = 1.0), types kept apart.
  if ('in' in test) return sql`coalesce(${jsonb(sql, test.in)} @> ${value}, false)`;
  if (test.op === 'eq') return sql`coalesce(${value} = ${jsonb(sql, test.value)}, false)`;
  if (test.op === 'ne')
    return sql`coalesce(${value} <> ${jsonb(sql, test.value)} and ${value} <> 'null', false)`;
  if (test.op === 'starts-with' || test.op === 'contains')
    return sql`coalesce(jsonb_typeof(${value}) = 'string' and ${textualSql(sql, test.op, text, test.value)}, false)`;
  // jsonb orders strings by the database's collation: text under "C" is by code point, as the predicate is.
  if (typeof test.value === 'string')
    return sql`coalesce(jsonb_typeof(${value}) = 'string'
      and ${text} collate "C" ${comparator(sql, test.op)} ${test.value}::text, false)`;
  if (typeof test.value === 'number')
    return sql`coalesce(jsonb_typeof(${value}) = 'number' and ${value} ${comparator(sql, test.op)} ${jsonb(sql, test.value)}, false)`;
  return sql`false`;
}

const textualSql = (sql: Sql | Tx, op: Textual['op'], text: Fragment, value: string): Fragment =>
  op === 'starts-with' ? sql`starts_with(${text}, ${value}::text)` : sql`strpos(${text}, ${value}::text) > 0`;

function columnSql(
  sql: Sql | Tx,
  rule: Comparison | Textual | Membership | Existence,
  column: Fragment,
): Fragment {
  if ('exists' in rule) return sql`(${column} is not null) = ${rule.exists}::boolean`;
  if ('in' in rule)
    return sql`coalesce(${column} = any(${rule.in.filter((v) => typeof v === 'string')}::text[]), false)`;
  if (rule.op === 'starts-with' || rule.op === 'contains')
    return sql`coalesce(${textualSql(sql, rule.op, column, rule.value)}, false)`;
  if (typeof rule.value !== 'string') return rule.op === 'ne' ? sql`${column} is not null` : sql`false`;
  return sql`coalesce(${column} collate "C" ${comparator(sql, rule.op)} ${rule.value}::text, false)`;
}

// Dates -------------------------------------------------------------------------------------------------------

// As in domain/segments/day-bounds.ts; `\d` would be any digit of any script here.
const DAY = '^[0-9]{4}-[0-9]{2}-[0-9]{2}$';
const INSTANT = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$';
const STARTS_WITH_DAY = '^[0-9]{4}-[0-9]{2}-[0-9]{2}($|T)';

function datedSql(sql: Sql | Tx, rule: Dated, asOf: Date): Fragment {
  const text = sql`${textOf(sql, rule.date)} collate "C"`;
  const { since, before } = dateBounds(rule, asOf.getTime());
  const within = (form: 'day' | 'instant'): Fragment =>
    sql`${since === null ? sql`` : sql` and ${text} >= ${since[form]}::text`}${before === null ? sql`` : sql` and ${text} < ${before[form]}::text`}`;
  return sql`coalesce((${text} ~ ${DAY}::text${within('day')}) or (${text} ~ ${INSTANT}::text${within('instant')}), false)`;
}

function agedSql(sql: Sql | Tx, rule: Aged, asOf: Date): Fragment {
  const text = textOf(sql, rule.of);
  const born = sql`left(${text}, 10) collate "C"`;
  const { latest, after } = birthBounds(rule, asOf.getTime());
  return sql`coalesce(${text} ~ ${STARTS_WITH_DAY}::text and ${born} <= ${latest}::text${after === null ? sql`` : sql` and ${born} > ${after}::text`}, false)`;
}

function anniversarySql(sql: Sql | Tx, rule: Anniversary, asOf: Date): Fragment {
  const text = textOf(sql, rule.anniversary);
  return sql`coalesce(${text} ~ ${STARTS_WITH_DAY}::text and substr(${text}, 6, 5) = any(${anniversaryDays(rule, asOf.getTime())}::text[]), false)`;
}

// Events ------------------------------------------------------------------------------------------------------

/** Events of a person, of the type and with the properties a rule asks for, as `e`. */
function eventsSql(
  sql: Sql | Tx,
  { event, where }: Pick<EventCount, 'event' | 'where'>,
  asOf: Date,
): Fragment {
  const tests = (where ?? []).map(
    (test) =>
      sql` and ${valueSql(sql, test, sql`(e.properties -> ${test.property}::text)`, sql`(e.properties ->> ${test.property}::text)`)}`,
  );
  return sql`from events e where e.profile_id = p.id and e.type = ${event}::text
    and e.at <= ${asOf}::timestamptz${tests.reduce((all, one) => sql`${all}${one}`, sql``)}`;
}

const measureSql = (sql: Sql | Tx, measure: EventCount['measure']): Fragment =>
  measure === 'count' ? sql`count(*)` : sql`coalesce(sum(e.value_cents), 0)`;

const daysBefore = (sql: Sql | Tx, asOf: Date, days: number): Fragment =>
  sql`${new Date(asOf.getTime() - windowMs(days))}::timestamptz`;

function eventSql(sql: Sql | Tx, rule: EventCount, asOf: Date): Fragment {
  const since =
    rule.withinDays === undefined ? sql`` : sql` and e.at > ${daysBefore(sql, asOf, rule.withinDays)}`;
  return sql`(select ${measureSql(sql, rule.measure)} ${eventsSql(sql, rule, asOf)}${since}
  ) ${comparator(sql, rule.op)} ${JSON.stringify(rule.value)}::text::numeric`;
}

function usualSql(sql: Sql | Tx, rule: EventUsual, asOf: Date): Fragment {
  const lately = daysBefore(sql, asOf, rule.withinDays);
  const measured = (when: Fragment): Fragment =>
    sql`coalesce(${rule.measure === 'count' ? sql`count(*)` : sql`sum(e.value_cents)`} filter (where ${when}), 0)::float8`;
  return sql`(
    select usually > 0 and lately * ${float(sql, rule.usualDays)} ${comparator(sql, rule.op)} ${float(sql, rule.times)} * (usually * ${float(sql, rule.withinDays)})
    from (
      select ${measured(sql`e.at > ${lately}`)} as lately, ${measured(sql`e.at <= ${lately}`)} as usually
      ${eventsSql(sql, rule, asOf)} and e.at > ${daysBefore(sql, asOf, rule.withinDays + rule.usualDays)}
    ) m)`;
}

// What is known beside ----------------------------------------------------------------------------------------

const consentSql = (
  sql: Sql | Tx,
  { consent, channel, granted }: ConsentTest,
  asOf: Date,
): Fragment => sql`exists (
    select from consent_state s where s.profile_id = p.id and s.purpose = ${consent}::text and s.channel = ${channel}::text
      and s.granted and (s.expires_at is null or s.expires_at > ${asOf}::timestamptz)
  ) = ${granted}::boolean`;

const interestSql = (sql: Sql | Tx, rule: InterestTest, asOf: Date): Fragment =>
  sql`coalesce((select n.weight from interests n where n.profile_id = p.id and n.category = ${rule.interest}::text), 0) ${comparator(sql, rule.op)} ${float(sql, interestBound(rule, asOf.getTime()))}`;

function reachableSql(sql: Sql | Tx, { reachable }: Reachable): Fragment {
  const column = FINGERPRINT_COLUMN[reachable];
  if (column !== null) return sql`p.${sql(column)} is not null`;
  return reachable === 'push'
    ? sql`exists (select from devices v where v.profile_id = p.id and v.revoked_at is null)`
    : sql`true`;
}
