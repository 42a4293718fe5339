import type { Said, Side } from '../../domain/profiles/join';
import type { Tx } from '../db';
import { readKnown } from '../known-profiles';

/** One of two profiles to be joined, with the ids of what its fields came through. */
export interface StoredSide extends Side {
  readonly origins: Readonly<Record<string, number>>;
}

/** A profile as it is to be joined. null: no such profile. */
export async function sideOf(tx: Tx, id: number): Promise<StoredSide | null> {
  const [person] = await readKnown(tx, [id]);
  if (person === undefined) return null;
  const [row] = await tx<{ source: string; at: Date; origins: Record<string, number> }[]>`
    select p.source, p.updated_at as at, coalesce(o.fields, '{}') as origins
    from profiles p left join field_origins o on o.profile_id = p.id where p.id = ${id}`;
  if (row === undefined) return null;
  const ids = [...new Set(Object.values(row.origins))];
  const origins = await tx<{ id: number; source: string; at: Date }[]>`
    select id, source, at from origins where id = any(${ids}::bigint[])`;
  const byId = new Map(origins.map((origin) => [origin.id, origin]));
  const said: Record<string, Said> = {};
  for (const [name, origin] of Object.entries(row.origins)) {
    const found = byId.get(origin);
    if (found !== undefined) said[name] = { source: found.source, atMs: found.at.getTime() };
  }
  return {
    known: person.known,
    said,
    whole: { source: row.source, atMs: row.at.getTime() },
    origins: row.origins,
  };
}

export async function writeOrigins(
  tx: Tx,
  id: number,
  origins: Readonly<Record<string, number>>,
): Promise<void> {
  await tx`
    insert into profile_origins (profile_id, fields) values (${id}, ${JSON.stringify(origins)}::text::jsonb)
    on conflict (profile_id) do update set fields = excluded.fields`;
}
