import type { KnownProfile } from '../domain/profiles/merge';
import { copyRows } from './copy-rows';
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
  readonly before: KnownProfile | null;
  readonly known: KnownProfile;
}

/** Notes of each field that is new or says something else that it came from there; what was taken away has no origin. */
export async function noteOrigins(tx: Tx, origin: number, people: readonly Told[]): Promise<void> {
  const rows = people.map(({ id, before, known }) => {
    const now = flat(known);
    const then = before === null ? {} : flat(before);
    const set = Object.keys(now).filter((name) => now[name] !== then[name]);
    const gone = Object.keys(then).filter((name) => !Object.hasOwn(now, name));
    return { profile_id: id, fields: Object.fromEntries(set.map((name) => [name, origin])), gone };
  });
  const isNew = new Set(people.filter(({ before }) => before === null).map(({ id }) => id));
  await copyRows(
    tx,
    tx`copy profile_origins (profile_id, fields) from stdin`,
    rows
      .filter((row) => isNew.has(row.profile_id))
      .map((row) => [row.profile_id, JSON.stringify(row.fields)]),
  );
  const known = rows.filter((row) => !isNew.has(row.profile_id));
  if (known.length === 0) return;
  await tx`
    insert into profile_origins as o (profile_id, fields)
    select profile_id, fields from json_to_recordset(${JSON.stringify(known)}::text::json) as x(profile_id bigint, fields jsonb)
    on conflict (profile_id) do update set fields = o.fields || excluded.fields`;
  const lost = rows.filter(({ gone }) => gone.length > 0);
  if (lost.length === 0) return;
  await tx`
    update profile_origins o set fields = o.fields - array(select jsonb_array_elements_text(x.gone))
    from json_to_recordset(${JSON.stringify(lost)}::text::json) as x(profile_id bigint, gone jsonb)
    where o.profile_id = x.profile_id`;
}

const flat = ({ fields, attributes }: KnownProfile): Readonly<Record<string, unknown>> => ({
  ...fields,
  ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`attributes.${name}`, value])),
});

/** Of every field of somebody's whose origin is known, by name. */
export async function fieldOrigins(sql: Sql, profileId: number): Promise<FieldOrigin[]> {
  return sql<FieldOrigin[]>`
    select f.key as field, o.source, o.import_id as "importId", coalesce(o.steps -> f.key, '[]') as steps, o.at
    from profile_origins p cross join jsonb_each_text(p.fields) f join origins o on o.id = f.value::bigint
    where p.profile_id = ${profileId} order by f.key`;
}
