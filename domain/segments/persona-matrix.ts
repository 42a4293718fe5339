import { CsvReader, type SourceRecord } from '../profiles/csv-reader';
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

/** What a matrix may name. */
export interface KnownNames {
  /** Keys of live segments. */
  readonly segments: ReadonlySet<string>;
  /** Codes of offers; those whose last day is past are `over`. */
  readonly offers: ReadonlyMap<string, 'open' | 'over'>;
}

interface LineFault {
  readonly line: number;
  readonly column: string;
  readonly message: string;
}

/** A file as it reads by itself, whatever it names. */
export interface ReadMatrix {
  readonly lines: readonly { readonly line: number; readonly row: MatrixRow }[];
  readonly faults: readonly LineFault[];
}

const NO_OFFER = /^(|-|none|no|n\/a|aucun|aucune|sans)$/i;

/** The offer a cell names; null: this persona is offered nothing. */
export const offerNamed = (cell: string): string | null => (NO_OFFER.test(cell.trim()) ? null : cell.trim());

/** Comes of decoding what is not UTF-8, as NUL does of UTF-16 read so. */
const NOT_UTF8 = /[\u0000\ufffd]/;

/**
 * Reads persona_matrix.csv (comma or semicolon), decoded as UTF-8 with U+FFFD for what is not, so that such a cell can be
 * named.
 */
export function readPersonaMatrix(csv: string): ReadMatrix {
  const text = csv.replace(/^\ufeff/, '');
  const [header, ...records] = new CsvReader(delimiterOf(text)).push(text, true);
  if (header === undefined || 'fault' in header)
    return { lines: [], faults: [{ line: 1, column: '*', message: 'there is no readable header' }] };
  const names = header.cells.map((c) => c.trim());
  const faults = headerFaults(header.line, names);
  if (faults.length > 0) return { lines: [], faults };
  if (records.length === 0) faults.push({ line: header.line, column: '*', message: 'there is no row' });
  const lines = records.flatMap((record) => {
    const read = readRecord(record, names);
    if ('message' in read) {
      faults.push({ line: record.line, column: '*', ...read });
      return [];
    }
    return [{ line: record.line, row: read }];
  });
  return { lines, faults: [...faults, ...rowFaults(lines)] };
}

/** Its rows in the file's order, or every fault as `line <n>, <column>`. */
export function checkPersonaMatrix(
  { lines, faults }: ReadMatrix,
  known: KnownNames,
): { ok: true; rows: MatrixRow[] } | { ok: false; faults: Fault[] } {
  const all = [...faults];
  for (const { line, row } of lines) {
    const { segment_id: segment } = row;
    if (segment !== '' && !NOT_UTF8.test(segment) && !known.segments.has(segment))
      all.push({ line, column: 'segment_id', message: 'no segment of this key is live' });
    const offer = offerNamed(row.offer_code);
    if (offer === null || NOT_UTF8.test(offer)) continue;
    const state = known.offers.get(offer);
    if (state === undefined)
      all.push({ line, column: 'offer_code', message: 'there is no offer of this code' });
    else if (state === 'over') all.push({ line, column: 'offer_code', message: 'the offer has ended' });
  }
  if (all.length === 0) return { ok: true, rows: lines.map(({ row }) => row) };
  all.sort((a, b) => a.line - b.line);
  return {
    ok: false,
    faults: all.map(({ line, column, message }) => ({ path: `line ${line}, ${column}`, message })),
  };
}

/** French spreadsheets write semicolons. */
const delimiterOf = (text: string): string => (/^[^\r\n,]*;/.test(text) ? ';' : ',');

function headerFaults(line: number, names: readonly string[]): LineFault[] {
  const garbled = names.findIndex((name) => NOT_UTF8.test(name));
  if (garbled >= 0) return [{ line, column: `#${garbled + 1}`, message: 'the file is not UTF-8' }];
  const missing = MATRIX_COLUMNS.filter((column) => !names.includes(column)).map((column) => ({
    line,
    column,
    message: 'this column is missing',
  }));
  const others = names.flatMap((name, i): LineFault[] => {
    if (!MATRIX_COLUMNS.some((c) => c === name))
      return [{ line, column: name || `#${i + 1}`, message: 'this column is not part of the matrix' }];
    return names.indexOf(name) === i ? [] : [{ line, column: name, message: 'this column is there twice' }];
  });
  return [...missing, ...others];
}

function readRecord(record: SourceRecord, names: readonly string[]): MatrixRow | { message: string } {
  if ('fault' in record) return { message: 'a quote is not closed, or something follows a closing quote' };
  const { cells } = record;
  if (cells.length !== names.length)
    return { message: `${cells.length} cells where the header has ${names.length}` };
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

function rowFaults(lines: ReadMatrix['lines']): LineFault[] {
  const lineOf = new Map<string, number>();
  return lines.flatMap(({ line, row }) => {
    const faults = MATRIX_COLUMNS.flatMap((column): LineFault[] => {
      if (row[column] === '') return [{ line, column, message: 'this cell is empty' }];
      return NOT_UTF8.test(row[column]) ? [{ line, column, message: 'this cell is not UTF-8' }] : [];
    });
    const first = lineOf.get(row.segment_id);
    if (first !== undefined)
      faults.push({ line, column: 'segment_id', message: `the same segment as on line ${first}` });
    else if (row.segment_id !== '') lineOf.set(row.segment_id, line);
    return faults;
  });
}
