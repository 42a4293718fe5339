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
