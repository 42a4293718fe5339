import { mappingSchema, type Mapping, type MappingInput } from '../domain/profiles/mapping';
import { BoucleError } from '../domain/shared/errors';
import type { Sql } from './db';

export interface ImportRecord {
  readonly id: string;
  readonly mapping: string;
  readonly filename: string | null;
  readonly sha256: string | null;
  readonly bytes: number;
  readonly format: 'csv' | 'ndjson';
  readonly encoding: 'identity' | 'gzip';
  /** Of `bytes`: how far it is. */
  readonly bytesRead: number;
  readonly state: 'receiving' | 'queued' | 'running' | 'done' | 'failed';
  /** Data rows read; rows = created + merged + unchanged + rejected. */
  readonly rows: number;
  readonly created: number;
  readonly merged: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly events: number;
  readonly consents: number;
  readonly error: string | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

/** A line of the reject report. Codes of REJECT_REASONS; `key-conflict` is a remark on a row that went in. */
export interface StoredReject {
  readonly line: number;
  readonly field: string;
  readonly code: string;
  readonly reason: string;
}

export interface ImportsStore {
  /** Throws mapping-unknown. The id is the caller's: creating it again answers what is there. */
  create(input: {
    readonly id: string;
    readonly mapping: string;
    readonly filename: string | null;
    readonly createdBy: string;
  }): Promise<ImportRecord>;
  /** Pieces of the file, seq from 0 on; the same seq again changes nothing. Throws conflict once sealed. */
  appendChunk(id: string, seq: number, bytes: Uint8Array): Promise<void>;
  /** All pieces are in: the import may run. Throws conflict if it was sealed with other bytes. */
  seal(id: string, sha256: string, bytes: number, encoding?: 'identity' | 'gzip'): Promise<ImportRecord>;
  /**
   * Ends an import that was never read: state failed, and the staged bytes, personal data that serve nothing, deleted.
   * One that runs or has run stays as it is. `error` is a code and words without values.
   */
  abandon(id: string, error: string): Promise<void>;
  get(id: string): Promise<ImportRecord | null>;
  list(page: { readonly limit: number }): Promise<ImportRecord[]>;
  rejects(
    id: string,
    page: { readonly after?: { readonly line: number; readonly field: string }; readonly limit: number },
  ): Promise<StoredReject[]>;
  /** Throws mapping-invalid with the places at fault. */
  putMapping(key: string, definition: MappingInput, by: string): Promise<Mapping>;
  getMapping(key: string): Promise<Mapping | null>;
  listMappings(): Promise<Mapping[]>;
}

/** Works on the app pool: staging and reports hold no way into the schema identity. */
export function createImportsStore(sql: Sql): ImportsStore {
  const get = async (id: string): Promise<ImportRecord | null> => {
    const [row] = await sql<ImportRow[]>`select * from imports where id = ${id}`;
    return row === undefined ? null : record(row);
  };
  const known = async (id: string): Promise<ImportRecord> => {
    const found = await get(id);
    if (found === null) throw new BoucleError('not-found', `no import ${id}`);
    return found;
  };
  return {
    create: async ({ id, mapping, filename, createdBy }) => {
      await sql`
        insert into imports (id, mapping, format, filename, created_by)
        select ${id}, key, coalesce(definition ->> 'format', 'csv'), ${filename}, ${createdBy} from import_mappings where key = ${mapping}
        on conflict (id) do nothing`;
      const found = await get(id);
      if (found === null) throw new BoucleError('mapping-unknown', `no import mapping ${mapping}`);
      return found;
    },

    appendChunk: async (id, seq, bytes) => {
      const rows = await sql`
        insert into import_chunks (import_id, seq, bytes)
        select id, ${seq}, ${Buffer.from(bytes)}::bytea from imports where id = ${id} and state = 'receiving'
        on conflict (import_id, seq) do update set seq = excluded.seq
        returning seq`;
      if (rows.length === 0) throw new BoucleError('conflict', `import ${id} is ${(await known(id)).state}`);
    },

    seal: async (id, sha256, bytes, encoding = 'identity') => {
      await sql`
        update imports set state = 'queued', sha256 = ${sha256}, bytes = ${bytes}, encoding = ${encoding}
        where id = ${id} and state = 'receiving'`;
      const found = await known(id);
      if (found.sha256 !== sha256)
        throw new BoucleError('conflict', `import ${id} was sealed with other bytes`);
      return found;
    },

    abandon: async (id, error) => {
      await sql`
        with failed as (
          update imports set state = 'failed', error = ${error}, finished_at = now()
          where id = ${id} and state in ('receiving', 'queued') returning id
        )
        delete from import_chunks using failed where import_id = failed.id`;
    },

    get,

    list: async ({ limit }) =>
      (await sql<ImportRow[]>`select * from imports order by created_at desc, id limit ${limit}`).map(record),

    rejects: async (id, { after, limit }) => {
      const rows = await sql<StoredReject[]>`
        select line, field, code, reason from import_rejects
        where import_id = ${id} and (line, field) > (${after?.line ?? 0}, ${after?.field ?? ''})
        order by line, field limit ${limit}`;
      return rows.map(({ line, field, code, reason }) => ({ line, field, code, reason }));
    },

    putMapping: async (key, definition, by) => {
      const mapping = readMapping({ ...definition, key });
      await sql`
        insert into import_mappings (key, definition, updated_by) values (${key}, ${JSON.stringify(mapping)}::text::jsonb, ${by})
        on conflict (key) do update set definition = excluded.definition, updated_by = excluded.updated_by, updated_at = now()`;
      return mapping;
    },

    getMapping: async (key) => {
      const [row] = await sql<
        { definition: unknown }[]
      >`select definition from import_mappings where key = ${key}`;
      return row === undefined ? null : readMapping(row.definition);
    },

    listMappings: async () =>
      (await sql<{ definition: unknown }[]>`select definition from import_mappings order by key`).map((r) =>
        readMapping(r.definition),
      ),
  };
}

function readMapping(definition: unknown): Mapping {
  const parsed = mappingSchema.safeParse(definition);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((i) => ({
    path: `/${i.path.map(String).join('/')}`,
    message: i.message,
  }));
  throw new BoucleError('mapping-invalid', 'the import mapping has faults', faults);
}

interface ImportRow {
  id: string;
  mapping: string;
  filename: string | null;
  sha256: string | null;
  bytes: number;
  format: ImportRecord['format'];
  encoding: ImportRecord['encoding'];
  bytes_read: number;
  state: ImportRecord['state'];
  rows: number;
  created: number;
  merged: number;
  unchanged: number;
  rejected: number;
  events: number;
  consents: number;
  error: string | null;
  created_by: string;
  created_at: Date;
  finished_at: Date | null;
}

const record = ({ bytes_read, created_by, created_at, finished_at, ...rest }: ImportRow): ImportRecord => ({
  ...rest,
  bytesRead: bytes_read,
  createdBy: created_by,
  createdAt: created_at.toISOString(),
  finishedAt: finished_at?.toISOString() ?? null,
});
