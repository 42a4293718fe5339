import { CsvReader } from '../profiles/csv-reader';
import type { Fault } from '../shared/errors';

export const MATRIX_COLUMNS = [
  'segment_id',
  'value_tier',
  'behavior_cluster',
  'state',
  'key_message',
  'visual_guideline',
  'offer_code',
] as const;
export type MatrixColumn = (typeof MATRIX_COLUMNS)[number];
export type MatrixRow = Readonly<Record<MatrixColumn, string>>;

/**
 * Reads persona_matrix.csv (UTF-8 text, comma or semicolon). Answers its rows in the file's order, or every fault as
 * `line <n>, <column>`. `knownSegments` are the keys of live segments.
 */
export function parsePersonaMatrix(
  csv: string,
  knownSegments: ReadonlySet<string>,
): { ok: true; rows: MatrixRow[] } | { ok: false; faults: Fault[] } {
  const text = csv.replace(/^\ufeff/, '');
  const faults: Fault[] = [];
  const fault = (line: number, column: string, message: string): void => {
    faults.push({ path: `line ${line}, ${column}`, message });
  };
  if (/[\u0000\ufffd]/.test(text))
    return { ok: false, faults: [{ path: 'line 1, *', message: 'the file is not UTF-8' }] };
  const [header, ...records] = new CsvReader(delimiterOf(text)).push(text, true);
  if (header === undefined || 'fault' in header) {
    return { ok: false, faults: [{ path: 'line 1, *', message: 'there is no readable header' }] };
  }
  const names = header.cells.map((c) => c.trim());
  for (const column of MATRIX_COLUMNS)
    if (!names.includes(column)) fault(header.line, column, 'this column is missing');
  names.forEach((name, i) => {
    if (!MATRIX_COLUMNS.some((c) => c === name))
      fault(header.line, name || `#${i + 1}`, 'this column is not part of the matrix');
    else if (names.indexOf(name) !== i) fault(header.line, name, 'this column is there twice');
  });
  if (faults.length > 0) return { ok: false, faults };
  if (records.length === 0) fault(header.line, '*', 'there is no row');

  const rows: MatrixRow[] = [];
  const lineOf = new Map<string, number>();
  for (const record of records) {
    const { line } = record;
    if ('fault' in record) {
      fault(line, '*', 'a quote is not closed, or something follows a closing quote');
      continue;
    }
    if (record.cells.length !== names.length) {
      fault(line, '*', `${record.cells.length} cells where the header has ${names.length}`);
      continue;
    }
    const row = rowOf(names, record.cells);
    for (const column of MATRIX_COLUMNS) if (row[column] === '') fault(line, column, 'this cell is empty');
    const id = row.segment_id;
    const first = lineOf.get(id);
    if (first !== undefined) fault(line, 'segment_id', `the same segment as on line ${first}`);
    else if (id !== '') lineOf.set(id, line);
    if (id !== '' && !knownSegments.has(id)) fault(line, 'segment_id', 'no segment of this key is live');
    rows.push(row);
  }
  return faults.length === 0 ? { ok: true, rows } : { ok: false, faults };
}

/** French spreadsheets write semicolons. */
const delimiterOf = (text: string): string => (/^[^\r\n,]*;/.test(text) ? ';' : ',');

function rowOf(names: readonly string[], cells: readonly string[]): MatrixRow {
  const cell = (column: MatrixColumn): string => (cells[names.indexOf(column)] ?? '').normalize('NFC').trim();
  return {
    segment_id: cell('segment_id'),
    value_tier: cell('value_tier'),
    behavior_cluster: cell('behavior_cluster'),
    state: cell('state'),
    key_message: cell('key_message'),
    visual_guideline: cell('visual_guideline'),
    offer_code: cell('offer_code'),
  };
}
