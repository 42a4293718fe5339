import { createHash } from 'node:crypto';
import { isOver } from '../domain/offers/offer';
import {
  checkPersonaMatrix,
  readPersonaMatrix,
  type KnownNames,
  type MatrixRow,
  type ReadMatrix,
} from '../domain/segments/persona-matrix';
import { matrixDiff, undoneBy, type MatrixDiff } from '../domain/segments/persona-matrix-diff';
import { BoucleError } from '../domain/shared/errors';
import type { Sql, Tx } from './db';
import { offersNamed } from './offers-store';
import { matrixInUse } from './persona-matrix/in-use';
import { approvedBefore, matrixRows, matrixVersions, type MatrixVersion } from './persona-matrix/read';
import { writersOf } from './persona-matrix/writers';
import { liveSegmentsHeld } from './segments/live-named';
import { LOCKS } from './locks';

export interface PersonaMatrix extends MatrixVersion {
  readonly rows: readonly MatrixRow[];
}

export interface MatrixReview {
  readonly version: number;
  readonly reviewedBy: string;
  readonly reviewedAt: string;
}

export interface MatrixComparison extends MatrixDiff {
  /** null: with nothing, no version was approved before. */
  readonly against: number | null;
}

export function createPersonaMatrixStore(sql: Sql) {
  /** A version, or the one in use; null where there is none. */
  const get = async (version?: number): Promise<PersonaMatrix | null> => {
    const asked = version ?? (await inUse(sql));
    const [head] = asked === null ? [] : await matrixVersions(sql, asked);
    return head === undefined ? null : { ...head, rows: await matrixRows(sql, head.version) };
  };
  const there = async (version: number): Promise<PersonaMatrix> => {
    const found = await get(version);
    if (found === null) throw new BoucleError('not-found', 'There is no such version of the matrix.');
    return found;
  };

  return {
    get,

    /** Newest first. */
    versions: (): Promise<MatrixVersion[]> => matrixVersions(sql),

    /**
     * A new version that waits for a second person, unless the text is that of the version in use or of one that waits
     * already. Throws matrix-invalid with each fault's line and column.
     */
    async propose(csv: string, by: string, note: string | null = null): Promise<PersonaMatrix> {
      const version = await sql.begin((tx) => proposeIn(tx, csv, by, note));
      return there(version);
    },

    /**
     * Makes a version the one in use. Throws not-found, matrix-four-eyes for whoever wrote some of it, conflict for one that
     * is decided already or older than the one in use, matrix-invalid where what it names has gone meanwhile.
     */
    approve: (version: number, by: string, note: string | null = null): Promise<PersonaMatrix> =>
      sql.begin((tx) => decide(tx, { version, by, note, state: 'approved' })).then(() => there(version)),

    /** It never counts. Throws as `approve`, but matrix-four-eyes for its author alone. */
    reject: (version: number, by: string, note: string | null = null): Promise<PersonaMatrix> =>
      sql.begin((tx) => decide(tx, { version, by, note, state: 'rejected' })).then(() => there(version)),

    /** Against another version, or against the approved one before it. Throws not-found. */
    async diff(version: number, against?: number): Promise<MatrixComparison> {
      const after = await there(version);
      const before = against ?? (await approvedBefore(sql, version));
      return {
        against: before,
        ...matrixDiff(before === null ? [] : (await there(before)).rows, after.rows),
      };
    },

    /** Notes that somebody looked at the version in use and leaves it. Throws not-found before there is one. */
    async reviewed(by: string, note: string | null = null): Promise<MatrixReview> {
      const [row] = await sql<{ version: number; at: Date }[]>`
        insert into persona_matrix_reviews (version, reviewed_by, note)
        select v.version, ${by}, ${note} from (select ${matrixInUse(sql)} as version) v where v.version is not null
        returning version, reviewed_at as at`;
      if (row === undefined) throw new BoucleError('not-found', 'No version of the matrix is in use.');
      return { version: row.version, reviewedBy: by, reviewedAt: row.at.toISOString() };
    },
  };
}

export type PersonaMatrixStore = ReturnType<typeof createPersonaMatrixStore>;

/** In the caller's transaction; answers the version. Throws matrix-invalid. */
export async function proposeIn(tx: Tx, csv: string, by: string, note: string | null): Promise<number> {
  await tx`select pg_advisory_xact_lock(${LOCKS.matrix})`;
  const rows = await checkedRows(tx, csv);
  const sha256 = createHash('sha256').update(csv, 'utf8').digest('hex');
  const [same] = await tx<{ version: number }[]>`
    select version from persona_matrix_versions
    where sha256 = ${sha256} and (version = ${matrixInUse(tx)} or (state = 'proposed' and version > coalesce(${matrixInUse(tx)}, 0)))
    order by version desc limit 1`;
  if (same !== undefined) return same.version;
  const [next] = await tx<{ version: number }[]>`
    insert into persona_matrix_versions (version, csv, sha256, created_by, note)
    select coalesce(max(version), 0) + 1, ${csv}, ${sha256}, ${by}, ${note} from persona_matrix_versions returning version`;
  if (next === undefined) throw new Error('an insert answers its row');
  const written = rows.map((row, ordinal) => ({ ...row, version: next.version, ordinal }));
  await tx`insert into persona_matrix_rows ${tx(written)}`;
  return next.version;
}

async function decide(
  tx: Tx,
  given: {
    readonly version: number;
    readonly by: string;
    readonly note: string | null;
    readonly state: 'approved' | 'rejected';
  },
): Promise<void> {
  await tx`select pg_advisory_xact_lock(${LOCKS.matrix})`;
  const [found] = await tx<{ csv: string; state: string; author: string }[]>`
    select csv, state, created_by as author from persona_matrix_versions where version = ${given.version}`;
  if (found === undefined) throw new BoucleError('not-found', 'There is no such version of the matrix.');
  if (found.state !== 'proposed') throw new BoucleError('conflict', `This version is ${found.state}.`);
  if (samePerson(found.author, given.by))
    throw new BoucleError('matrix-four-eyes', 'Somebody else than its author decides on a version.');
  if (given.state === 'approved') {
    if ((await writersOf(tx, given.version)).some((writer) => samePerson(writer, given.by)))
      throw new BoucleError(
        'matrix-four-eyes',
        'Somebody who wrote none of what it changes approves a version.',
      );
    const current = await inUse(tx);
    if (current !== null && current > given.version)
      throw new BoucleError('conflict', `Version ${current} is in use since: propose this one again.`);
    await undoesNothing(tx, given.version, current);
    await checkedRows(tx, found.csv);
  }
  await tx`
    update persona_matrix_versions
    set state = ${given.state}, decided_by = ${given.by}, decided_at = now(), decision_note = ${given.note}
    where version = ${given.version}`;
}

/** Throws conflict where it would take back what has come into use since it was proposed: nobody was shown that. */
async function undoesNothing(tx: Tx, version: number, current: number | null): Promise<void> {
  const [base] = await tx<{ version: number | null }[]>`
    select max(b.version) as version from persona_matrix_versions b, persona_matrix_versions v
    where v.version = ${version} and b.state = 'approved' and b.decided_at <= v.created_at`;
  if (current === null || base?.version === current) return;
  const rows = await matrixRows(tx, current);
  const since = matrixDiff(await matrixRows(tx, base?.version ?? 0), rows);
  const undone = undoneBy(matrixDiff(rows, await matrixRows(tx, version)), since);
  if (undone.length > 0)
    throw new BoucleError(
      'conflict',
      `Version ${current} has come into use since and says otherwise of ${undone.join(', ')}: propose this one again.`,
    );
}

/** A commit says its author's name as git has it, `Anne`, where the key says `anne`. */
const samePerson = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

async function inUse(sql: Sql | Tx): Promise<number | null> {
  const [row] = await sql<{ version: number | null }[]>`select ${matrixInUse(sql)} as version`;
  return row?.version ?? null;
}

/** Throws matrix-invalid. */
async function checkedRows(tx: Tx, csv: string): Promise<readonly MatrixRow[]> {
  const read = readPersonaMatrix(csv);
  const checked = checkPersonaMatrix(read, await knownNames(tx, read));
  if (!checked.ok) throw new BoucleError('matrix-invalid', 'The persona matrix has faults.', checked.faults);
  return checked.rows;
}

async function knownNames(tx: Tx, { lines }: ReadMatrix): Promise<KnownNames> {
  const codes = [...new Set(lines.map(({ row }) => row.offer_code))];
  const segments = await liveSegmentsHeld(
    tx,
    lines.map(({ row }) => row.segment_id),
  );
  const offers = await offersNamed(tx, codes, { held: true });
  const now = new Date();
  return {
    segments,
    offers: new Map([...offers].map(([code, offer]) => [code, isOver(offer, now) ? 'over' : 'open'])),
  };
}
