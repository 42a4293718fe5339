import { CsvReader } from '../../domain/profiles/csv-reader';

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** One line of CSV with its line break (RFC 4180). */
export const csvLine = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;

export interface CsvTable {
  readonly header: readonly string[];
  /** Rows with as many cells as the header; others are left out. */
  readonly rows: readonly (readonly string[])[];
  /** Rows that could not be cut into the header's cells. */
  readonly unreadable: number;
}

/** Reads a whole file; quotes, and commas and line breaks inside them, are understood. */
export function readCsv(text: string, delimiter = ','): CsvTable {
  const records = new CsvReader(delimiter).push(text.replace(/^\ufeff/, ''), true);
  const [first, ...others] = records;
  const header = first !== undefined && 'cells' in first ? first.cells.map((name) => name.trim()) : [];
  const rows = others.flatMap((record) =>
    'cells' in record && record.cells.length === header.length ? [record.cells] : [],
  );
  return { header, rows, unreadable: others.length - rows.length };
}
