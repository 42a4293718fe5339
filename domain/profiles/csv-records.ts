import { BoucleError } from '../shared/errors';
import { CsvReader, type SourceRecord } from './csv-reader';

export interface CsvForm {
  readonly delimiter: string;
  /** Columns of the header that are needed and not there. */
  readonly missing: (header: readonly string[]) => readonly string[];
}

/** The data records of a file in UTF-8 as they come, each time with the header they stand under. Throws csv-unreadable. */
export async function* csvRecords(
  chunks: AsyncIterable<Uint8Array>,
  form: CsvForm,
): AsyncIterable<{ readonly header: readonly string[]; readonly records: readonly SourceRecord[] }> {
  const decoder = new TextDecoder('utf-8');
  const reader = new CsvReader(form.delimiter);
  let header: readonly string[] | null = null;
  const under = (records: SourceRecord[]): { header: readonly string[]; records: SourceRecord[] } | null => {
    header ??= records.length === 0 ? null : headerOf(form, records.shift());
    return header === null ? null : { header, records };
  };
  for await (const bytes of chunks) {
    const piece = under(reader.push(decoder.decode(bytes, { stream: true }), false));
    if (piece !== null) yield piece;
  }
  const last = under(reader.push(decoder.decode(), true));
  if (last === null) throw new BoucleError('csv-unreadable', 'the file is empty');
  yield last;
}

function headerOf(form: CsvForm, record: SourceRecord | undefined): readonly string[] {
  if (record === undefined || 'fault' in record)
    throw new BoucleError('csv-unreadable', 'the header has a quote that is not closed');
  if (record.cells.some((name) => name.includes('\ufffd')))
    throw new BoucleError('csv-unreadable', 'the header has bytes that are not UTF-8');
  const missing = form.missing(record.cells);
  if (missing.length > 0)
    throw new BoucleError('csv-unreadable', `the header lacks mapped columns: ${missing.join(', ')}`);
  const names = record.cells.map((name) => name.trim());
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  if (twice.length > 0)
    throw new BoucleError('csv-unreadable', `the header has a column more than once: ${twice.join(', ')}`);
  return record.cells;
}
