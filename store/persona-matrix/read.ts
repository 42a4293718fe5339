import type { MatrixRow } from '../../domain/segments/persona-matrix';
import type { Sql, Tx } from '../db';

export type MatrixState = 'proposed' | 'approved' | 'rejected';

export interface MatrixVersion {
  readonly version: number;
  readonly sha256: string;
  readonly state: MatrixState;
  readonly note: string | null;
  readonly createdBy: string;
  readonly createdAt: string;
  /** Who approved or rejected it; null while nobody has. */
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly decisionNote: string | null;
}

type VersionRow = Omit<MatrixVersion, 'createdAt' | 'decidedAt'> & {
  createdAt: Date;
  decidedAt: Date | null;
};

export async function matrixVersions(sql: Sql | Tx, version?: number): Promise<MatrixVersion[]> {
  const rows = await sql<VersionRow[]>`
    select version, sha256, state, note, created_by as "createdBy", created_at as "createdAt",
      decided_by as "decidedBy", decided_at as "decidedAt", decision_note as "decisionNote"
    from persona_matrix_versions
    where ${version ?? null}::int is null or version = ${version ?? null}::int order by version desc`;
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
  }));
}

/** In the file's order; none of a version that is not there. */
export async function matrixRows(sql: Sql | Tx, version: number): Promise<MatrixRow[]> {
  const rows = await sql<MatrixRow[]>`
    select segment_id, value_tier, behavior_cluster, state, key_message, visual_guideline, offer_code
    from persona_matrix_rows where version = ${version} order by ordinal`;
  return rows.map((row) => ({ ...row }));
}

/** What a version is compared with: the approved one before it. null: it is the first. */
export async function approvedBefore(sql: Sql | Tx, version: number): Promise<number | null> {
  const [row] = await sql<{ version: number | null }[]>`
    select max(version) as version from persona_matrix_versions where state = 'approved' and version < ${version}`;
  return row?.version ?? null;
}
