import type postgres from 'postgres';
import { isDerived } from '../../domain/segments/derived';
import { explainRule, type ExplainedClause } from '../../domain/segments/explain-rule';
import { resolveRule } from '../../domain/segments/resolve';
import { attributesOf, type ResolvedRule, type Rule } from '../../domain/segments/rule';
import { COLUMN_ATTRIBUTES } from '../../domain/segments/subject';
import { touchesOf } from '../../domain/segments/touches';
import { CHANNELS, type Channel, type Purpose } from '../../domain/shared/words';
import type { Sql, Tx } from '../db';
import { FINGERPRINT_COLUMN } from '../fingerprint-column';
import { loadSubjects } from '../memberships/subjects';
import { reading } from '../reading';
import { ruleSql } from '../segment-sql';
import { liveRules, surroundingsOf } from './live-rules';

/** How many people have each value, the most first; the rest together under `others`. */
export interface Distribution {
  readonly attribute: string;
  readonly values: readonly { readonly value: string; readonly people: number }[];
  readonly others: number;
  readonly missing: number;
  /** Of numbers. */
  readonly quartiles: readonly number[] | null;
}

export interface SimulatedPerson {
  readonly profileId: number;
  readonly why: ExplainedClause;
}

export interface Simulation {
  readonly asOf: Date;
  /** Everybody known. */
  readonly profiles: number;
  readonly size: number;
  /** Against the version that is live; null: none is. */
  readonly change: {
    readonly version: number;
    readonly entering: number;
    readonly leaving: number;
    readonly staying: number;
    readonly enteringIds: readonly number[];
    readonly leavingIds: readonly number[];
  } | null;
  readonly overlaps: readonly { readonly segment: string; readonly members: number; readonly both: number }[];
  readonly distributions: readonly Distribution[];
  readonly reachability: readonly {
    readonly channel: Channel;
    readonly address: number;
    readonly suppressed: number;
    /** With an address that is not suppressed and the purpose's consent in force. */
    readonly consented: number;
  }[];
  readonly inside: readonly SimulatedPerson[];
  /** People who fail by little come first. */
  readonly outside: readonly SimulatedPerson[];
}

const MOST_VALUES = 20;
/** Of one of its passes. A rule may hold hundreds of clauses, each of which reads events. */
const PASS_SECONDS = 60;
const ALWAYS = ['market', 'area', 'value_tier', 'state'];

/**
 * What a rule would come to at this moment: writes nothing. `key` names the segment whose live version it is compared
 * with. Takes a pass over everybody for each of the parts of the answer, and one for each attribute.
 */
export async function simulate(
  sql: Sql,
  given: {
    readonly key: string;
    readonly rule: Rule;
    readonly purpose: Purpose;
    readonly sample: number;
    readonly now: Date;
  },
): Promise<Simulation> {
  const { key, rule, purpose, sample, now } = given;
  return reading(
    sql,
    async (tx) => {
      const live = (await liveRules(tx, [key])).get(key) ?? null;
      const known = new Map([[key, rule]]);
      const resolved = resolveRule(rule, await surroundingsOf(tx, [rule], known));
      const before = live === null ? null : resolveRule(live.rule, await surroundingsOf(tx, [live.rule]));
      const inside = ruleSql(tx, resolved, now);
      const counts = await sizes(tx, inside, before === null ? tx`false` : ruleSql(tx, before, now));
      const { size, profiles, entering, leaving, entering_ids, leaving_ids } = counts;
      const attributes = [...new Set([...ALWAYS, ...attributesOf(resolvedAsRule(resolved))])];
      const distributions: Distribution[] = [];
      for (const attribute of attributes) distributions.push(await distribution(tx, inside, attribute, size));
      return {
        asOf: now,
        profiles,
        size,
        change:
          live === null
            ? null
            : {
                version: live.version,
                entering,
                leaving,
                staying: size - entering,
                enteringIds: entering_ids ?? [],
                leavingIds: leaving_ids ?? [],
              },
        overlaps: await overlaps(tx, inside, key),
        distributions,
        reachability: await reachability(tx, inside, purpose, now),
        ...(await samples(tx, resolved, sample, now)),
      };
    },
    PASS_SECONDS,
  );
}

/** A resolved rule is a rule: it only names nothing any more. */
const resolvedAsRule = (rule: ResolvedRule): Rule => rule;

async function sizes(tx: Tx, inside: postgres.Fragment, before: postgres.Fragment) {
  const [row] = await tx<
    {
      profiles: number;
      size: number;
      entering: number;
      leaving: number;
      entering_ids: number[] | null;
      leaving_ids: number[] | null;
    }[]
  >`
    with judged as materialized (
      select p.id, ${inside} as inside, ${before} as before from profiles p where p.merged_into is null
    )
    select count(*) as profiles, count(*) filter (where inside) as size,
      count(*) filter (where inside and not before) as entering,
      count(*) filter (where before and not inside) as leaving,
      (select json_agg(id) from (select id from judged where inside and not before order by id limit 10) x) as entering_ids,
      (select json_agg(id) from (select id from judged where before and not inside order by id limit 10) x) as leaving_ids
    from judged`;
  if (row === undefined) throw new Error('an aggregate answers a row');
  return row;
}

const membersSql = (tx: Tx, inside: postgres.Fragment) =>
  tx`profiles p where p.merged_into is null and ${inside}`;

async function distribution(
  tx: Tx,
  inside: postgres.Fragment,
  attribute: string,
  size: number,
): Promise<Distribution> {
  const column = COLUMN_ATTRIBUTES.find((c) => c === attribute);
  const json = isDerived(attribute)
    ? tx`p.derived -> ${attribute}::text`
    : tx`p.attributes -> ${attribute}::text`;
  const value = column === undefined ? json : tx`to_jsonb(p.${tx(column)})`;
  const [row] = await tx<{ values: Distribution['values']; missing: number; quartiles: number[] | null }[]>`
    with m as materialized (select nullif(${value}, 'null') as v from ${membersSql(tx, inside)}),
    shown as (
      select v #>> '{}' as value, count(*) as people from m where v is not null
      group by 1 order by 2 desc, 1 limit ${MOST_VALUES}
    )
    select coalesce((select json_agg(s order by s.people desc, s.value) from shown s), '[]') as values,
      (select count(*) from m where v is null) as missing,
      (select percentile_cont(array[0, 0.25, 0.5, 0.75, 1]) within group (order by (v #>> '{}')::float8)
       from m where jsonb_typeof(v) = 'number') as quartiles`;
  const { values, missing, quartiles } = row ?? { values: [], missing: size, quartiles: null };
  const others = size - missing - values.reduce((sum, { people }) => sum + people, 0);
  return { attribute, values, others, missing, quartiles };
}

const overlaps = (tx: Tx, inside: postgres.Fragment, key: string): Promise<Simulation['overlaps']> =>
  tx<Simulation['overlaps'][number][]>`
    select m.segment, count(*) as members, count(*) filter (where i.id is not null) as both
    from segment_members m join live_segments l on l.key = m.segment left join (select p.id from ${membersSql(tx, inside)}) i on i.id = m.profile_id
    where m.segment <> ${key} group by 1 order by 3 desc, 1`.then((rows) => [...rows]);

/** One row a channel; the purposes are those consent is asked for. */
async function reachability(
  tx: Tx,
  inside: postgres.Fragment,
  purpose: Purpose,
  now: Date,
): Promise<Simulation['reachability']> {
  const ways = CHANNELS.map((channel) => {
    const column = FINGERPRINT_COLUMN[channel];
    const address =
      column !== null
        ? tx`p.${tx(column)} is not null`
        : channel === 'push'
          ? tx`exists (select from devices v where v.profile_id = p.id and v.revoked_at is null)`
          : tx`true`;
    const suppressed =
      column === null
        ? tx`false`
        : tx`exists (select from suppressions s where s.fingerprint = p.${tx(column)} and s.scope = 'global')`;
    const consented = tx`exists (
      select from consent_state c where c.profile_id = p.id and c.purpose = ${purpose} and c.channel = ${channel}
        and c.granted and (c.expires_at is null or c.expires_at > ${now}::timestamptz))`;
    return tx`(${channel}::text, ${address}, ${suppressed}, ${consented})`;
  });
  const rows = await tx<Simulation['reachability'][number][]>`
    select w.channel, count(*) filter (where w.address) as address,
      count(*) filter (where w.address and w.suppressed) as suppressed,
      count(*) filter (where w.address and not w.suppressed and w.consented) as consented
    from (select p.* from ${membersSql(tx, inside)} offset 0) p
    cross join lateral (values ${ways.reduce((all, one) => tx`${all}, ${one}`)}) w (channel, address, suppressed, consented)
    group by w.channel`;
  return CHANNELS.map(
    (channel) =>
      rows.find((row) => row.channel === channel) ?? { channel, address: 0, suppressed: 0, consented: 0 },
  );
}

/** How many people beside the rule are looked at for those who nearly fit. */
const LOOKED_AT = 2_000;

async function samples(
  tx: Tx,
  rule: ResolvedRule,
  sample: number,
  now: Date,
): Promise<Pick<Simulation, 'inside' | 'outside'>> {
  const inside = ruleSql(tx, rule, now);
  const ids = async (where: postgres.Fragment, limit: number): Promise<number[]> =>
    (
      await tx<{ id: number }[]>`
        select p.id from profiles p where p.merged_into is null and ${where} order by hashint8(p.id), p.id limit ${limit}`
    ).map(({ id }) => id);
  const touches = touchesOf([rule]);
  const explained = async (people: readonly number[]): Promise<SimulatedPerson[]> => {
    const subjects = await loadSubjects(tx, people, touches, now);
    return people.flatMap((profileId) => {
      const subject = subjects.get(profileId);
      return subject === undefined ? [] : [{ profileId, why: explainRule(rule, subject, now.getTime()) }];
    });
  };
  const outside = await explained(await ids(tx`not ${inside}`, LOOKED_AT));
  return {
    inside: await explained(await ids(inside, sample)),
    outside: outside.sort((a, b) => failing(a.why) - failing(b.why)).slice(0, sample),
  };
}

/** How many clauses would have to turn: the fewest of an `any`, all of an `all`. */
function failing({ holds, clause, parts = [] }: ExplainedClause): number {
  if (holds) return 0;
  const counts = parts.map(failing);
  if (clause === 'all') return counts.reduce((sum, n) => sum + n, 0);
  return clause === 'any' ? Math.min(...counts) : 1;
}
