import { MATRIX_COLUMNS, type MatrixColumn, type MatrixRow } from './persona-matrix';

export interface MatrixDiff {
  readonly added: readonly MatrixRow[];
  readonly removed: readonly MatrixRow[];
  readonly changed: readonly {
    readonly segment: string;
    readonly cells: readonly { readonly column: MatrixColumn; readonly from: string; readonly to: string }[];
  }[];
}

/** What a reader has to look at: rows by their segment, cells by their column. The order of rows means nothing. */
export function matrixDiff(before: readonly MatrixRow[], after: readonly MatrixRow[]): MatrixDiff {
  const was = bySegment(before);
  const is = bySegment(after);
  return {
    added: after.filter((row) => !was.has(row.segment_id)),
    removed: before.filter((row) => !is.has(row.segment_id)),
    changed: after.flatMap((row) => {
      const old = was.get(row.segment_id);
      const cells = MATRIX_COLUMNS.flatMap((column) =>
        old === undefined || old[column] === row[column]
          ? []
          : [{ column, from: old[column], to: row[column] }],
      );
      return cells.length === 0 ? [] : [{ segment: row.segment_id, cells }];
    }),
  };
}

/** Whether both bring the same cell, or take the same row away. */
export function shareChange(one: MatrixDiff, other: MatrixDiff): boolean {
  const known = new Set(marksOf(one));
  return marksOf(other).some((mark) => known.has(mark));
}

/** A cell that comes by its segment, column and text; a row that goes by its segment. */
const marksOf = ({ added, removed, changed }: MatrixDiff): string[] => [
  ...added.flatMap((row) =>
    MATRIX_COLUMNS.slice(1).map((column) => JSON.stringify([row.segment_id, column, row[column]])),
  ),
  ...removed.map((row) => JSON.stringify([row.segment_id])),
  ...changed.flatMap(({ segment, cells }) =>
    cells.map(({ column, to }) => JSON.stringify([segment, column, to])),
  ),
];

/** Segments of rows that `since` brought, changed or took away, and `next` would not leave so. */
export function undoneBy(next: MatrixDiff, since: MatrixDiff): string[] {
  const places = placesOf(since);
  const touched = placesOf(next).filter(({ segment, column }) =>
    places.some(
      (one) => one.segment === segment && (one.column === null || column === null || one.column === column),
    ),
  );
  return [...new Set(touched.map(({ segment }) => segment))].sort();
}

/** A cell by its segment and column, a row that came or went by its segment. */
const placesOf = ({ added, removed, changed }: MatrixDiff) => [
  ...[...added, ...removed].map((row) => ({ segment: row.segment_id, column: null })),
  ...changed.flatMap(({ segment, cells }) => cells.map(({ column }) => ({ segment, column }))),
];

/** One line a row that came or went and a cell that changed; cells longer than `cellMax` are cut. */
export function diffWords({ added, removed, changed }: MatrixDiff, cellMax = Infinity): string[] {
  const cut = (text: string): string => (text.length > cellMax ? `${text.slice(0, cellMax - 1)}…` : text);
  return [
    ...added.map(
      (row) =>
        `row ${row.segment_id} added: ${MATRIX_COLUMNS.slice(1)
          .map((column) => `${column} ${cut(row[column])}`)
          .join(', ')}`,
    ),
    ...removed.map((row) => `row ${row.segment_id} removed`),
    ...changed.flatMap(({ segment, cells }) =>
      cells.map(({ column, from, to }) => `row ${segment}: ${column} ${cut(from)} → ${cut(to)}`),
    ),
  ];
}

const bySegment = (rows: readonly MatrixRow[]): ReadonlyMap<string, MatrixRow> =>
  new Map(rows.map((row) => [row.segment_id, row]));
