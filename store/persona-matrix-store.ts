import { createHash } from 'node:crypto';
import { parsePersonaMatrix, type MatrixRow } from '../domain/segments/persona-matrix';
import { BoucleError } from '../domain/shared/errors';
import type { Sql } from './db';

/** One at a time, or two would take the same version. */
const MATRIX_LOCK = 7_216_003;

export interface PersonaMatrix {
  readonly version: number;
  readonly sha256: string;
  readonly rows: readonly MatrixRow[];
  readonly createdBy: string;
  readonly createdAt: string;
}

export interface PersonaMatrixStore {
  /** A new version, unless the text is the latest's. Throws matrix-invalid with each fault's line and column. */
  put(csv: string, by: string): Promise<PersonaMatrix>;
  /** The latest version, or the one asked for. */
  get(version?: number): Promise<PersonaMatrix | null>;
}

export function createPersonaMatrixStore(sql: Sql): PersonaMatrixStore {
  const get = async (version?: number): Promise<PersonaMatrix | null> => {
    const [head] = await sql<HeadRow[]>`
      select version, sha256, created_by, created_at from persona_matrix_versions
      where ${version ?? null}::int is null or version = ${version ?? null}::int order by version desc limit 1`;
    if (head === undefined) return null;
    const rows = await sql<MatrixRow[]>`
      select segment_id, value_tier, behavior_cluster, state, key_message, visual_guideline, offer_code
      from persona_matrix_rows where version = ${head.version} order by ordinal`;
    return {
      version: head.version,
      sha256: head.sha256,
      rows: rows.map((row) => ({ ...row })),
      createdBy: head.created_by,
      createdAt: head.created_at.toISOString(),
    };
  };

  return {
    get,
    put: async (csv, by) => {
      const segments = await sql<{ key: string }[]>`select key from live_segments`;
      const parsed = parsePersonaMatrix(csv, new Set(segments.map((s) => s.key)));
      if (!parsed.ok) throw new BoucleError('matrix-invalid', 'the persona matrix has faults', parsed.faults);
      const sha256 = createHash('sha256').update(csv, 'utf8').digest('hex');
      const version = await sql.begin(async (tx) => {
        await tx`select pg_advisory_xact_lock(${MATRIX_LOCK})`;
        const [latest] = await tx<{ version: number; sha256: string }[]>`
          select version, sha256 from persona_matrix_versions order by version desc limit 1`;
        if (latest?.sha256 === sha256) return latest.version;
        const next = (latest?.version ?? 0) + 1;
        await tx`insert into persona_matrix_versions (version, csv, sha256, created_by) values (${next}, ${csv}, ${sha256}, ${by})`;
        const rows = parsed.rows.map((row, ordinal) => ({ ...row, version: next, ordinal }));
        await tx`insert into persona_matrix_rows ${tx(rows)}`;
        return next;
      });
      const stored = await get(version);
      if (stored === null) throw new Error('a version just written is there');
      return stored;
    },
  };
}

interface HeadRow {
  version: number;
  sha256: string;
  created_by: string;
  created_at: Date;
}
