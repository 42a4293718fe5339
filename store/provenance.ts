import { createHash } from 'node:crypto';
import type { KnownProfile } from '../domain/profiles/merge';
import type { Sql, Tx } from './db';

/** Where a field of somebody's came from. */
export interface FieldOrigin {
  /** A field, or `attributes.<name>`. */
  readonly field: string;
  readonly source: string;
  /** null: no file brought it. */
  readonly importId: string | null;
  readonly steps: readonly string[];
  readonly at: Date;
}

/** A file or a call that says something of people. One file is one origin, however many batches it is. */
export async function originOf(
  tx: Tx,
  given: {
    readonly source: string;
    readonly importId: string | null;
    readonly steps: Readonly<Record<string, readonly string[]>>;
  },
): Promise<number> {
  const { source, importId, steps } = given;
  const [known] =
    importId === null ? [] : await tx<{ id: number }[]>`select id from origins where import_id = ${importId}`;
  if (known !== undefined) return known.id;
  const [made] = await tx<{ id: number }[]>`
    insert into origins (source, import_id, steps)
    values (${source}, ${importId}, ${JSON.stringify(steps)}::text::jsonb) returning id`;
  if (made === undefined) throw new Error('an insert answers its row');
  return made.id;
}

interface Told {
  readonly id: number;
  readonly before: KnownProfile;
  readonly known: KnownProfile;
}

/**
 * The set each of these people has that are new and whose fields are all of one origin, in their order. A file brings few
 * kinds of people: the same fields, the same set.
 */
export async function originSets(
  tx: Tx,
  origin: number,
  people: readonly Pick<Told, 'known'>[],
): Promise<(number | null)[]> {
  const sets = new Map<
    string,
    { readonly digest: string; readonly fields: Readonly<Record<string, number>> }
  >();
  const kinds = people.map(({ known }) => {
    const kind = kindOf(known);
    if (!sets.has(kind)) {
      const fields = Object.fromEntries(names(known).map((name) => [name, origin]));
      sets.set(kind, { fields, digest: createHash('sha256').update(JSON.stringify(fields)).digest('hex') });
    }
    return kind;
  });
  if (sets.size === 0) return [];
  const rows = await tx<{ digest: string; id: number }[]>`
    with given as materialized (
      select decode(digest, 'hex') as digest, fields
      from json_to_recordset(${JSON.stringify([...sets.values()])}::text::json) as x(digest text, fields jsonb)
    ), added as (
      insert into origin_sets (digest, fields) select distinct on (digest) digest, fields from given order by digest
      on conflict do nothing returning digest, id
    )
    select encode(digest, 'hex') as digest, id from added
    union all select encode(s.digest, 'hex'), s.id from given g join origin_sets s on s.digest = g.digest`;
  const ids = new Map(rows.map(({ digest, id }) => [digest, id]));
  return kinds.map((kind) => ids.get(sets.get(kind)?.digest ?? '') ?? null);
}

/** Notes of each field that is new or says something else that it came from there; what was taken away has no origin. */
export async function noteOrigins(tx: Tx, origin: number, people: readonly Told[]): Promise<void> {
  if (people.length === 0) return;
  const rows = people.map(({ id, before, known }) => {
    const now = flat(known);
    const then = flat(before);
    const set = Object.keys(now).filter((name) => now[name] !== then[name]);
    const gone = Object.keys(then).filter((name) => !Object.hasOwn(now, name));
    return { profile_id: id, fields: Object.fromEntries(set.map((name) => [name, origin])), gone };
  });
  await tx`
    insert into profile_origins (profile_id, fields)
    select x.profile_id, (coalesce(f.fields, '{}') || x.fields) - array(select jsonb_array_elements_text(x.gone))
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as x(profile_id bigint, fields jsonb, gone jsonb)
    left join field_origins f on f.profile_id = x.profile_id
    on conflict (profile_id) do update set fields = excluded.fields`;
}

const ATTRIBUTE = 'attributes.';

const kindOf = ({ fields, attributes }: KnownProfile): string =>
  `${Object.keys(fields).join()} ${Object.keys(attributes).join()}`;

const names = ({ fields, attributes }: KnownProfile): string[] =>
  [...Object.keys(fields), ...Object.keys(attributes).map((name) => ATTRIBUTE + name)].sort();

const flat = ({ fields, attributes }: KnownProfile): Readonly<Record<string, unknown>> => ({
  ...fields,
  ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [ATTRIBUTE + name, value])),
});

/** Of every field of somebody's whose origin is known, by name. */
export async function fieldOrigins(sql: Sql, profileId: number): Promise<FieldOrigin[]> {
  return sql<FieldOrigin[]>`
    select f.key as field, o.source, o.import_id as "importId", coalesce(o.steps -> f.key, '[]') as steps, o.at
    from field_origins p cross join jsonb_each_text(p.fields) f join origins o on o.id = f.value::bigint
    where p.profile_id = ${profileId} order by f.key`;
}
