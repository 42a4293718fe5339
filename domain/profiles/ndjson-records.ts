import type { SourceRecord } from './csv-reader';

/** A line longer than this, in UTF-16 units, is no record of anybody. */
const LINE_MAX = 256 * 1024;

/**
 * NDJSON (one JSON object a line) in UTF-8 as it comes, as records under the columns asked for: an absent member, or null,
 * is an empty cell; `address.city` is a member of that name, else `city` within `address`. A line that is no object, or
 * whose columns hold lists or objects, costs itself alone.
 */
export async function* ndjsonRecords(
  chunks: AsyncIterable<Uint8Array>,
  columns: readonly string[],
): AsyncIterable<{ readonly header: readonly string[]; readonly records: readonly SourceRecord[] }> {
  const decoder = new TextDecoder('utf-8');
  const paths = columns.map((column) => ({ column, path: column.split('.') }));
  let rest = '';
  let line = 0;
  /** The line being read is too long: it is passed over to its end. */
  let skipping = false;

  const recordsOf = (piece: string, final: boolean): SourceRecord[] => {
    const lines = (rest + piece).split('\n');
    rest = final ? '' : (lines.pop() ?? '');
    const records: SourceRecord[] = [];
    for (const text of lines) {
      line += 1;
      if (skipping || text.length > LINE_MAX) records.push({ line, fault: 'line-too-long' });
      else if (text.trim() !== '') records.push(recordOf(text, line, paths));
      skipping = false;
    }
    if (rest.length > LINE_MAX) {
      rest = '';
      skipping = true;
    }
    return records;
  };

  for await (const bytes of chunks)
    yield { header: columns, records: recordsOf(decoder.decode(bytes, { stream: true }), false) };
  yield { header: columns, records: recordsOf(decoder.decode(), true) };
}

function recordOf(
  text: string,
  line: number,
  paths: readonly { readonly column: string; readonly path: readonly string[] }[],
): SourceRecord {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return { line, fault: 'json-broken' };
  }
  if (!isRecord(given)) return { line, fault: 'json-broken' };
  const cells: string[] = [];
  for (const { column, path } of paths) {
    const value = Object.hasOwn(given, column) ? given[column] : within(given, path);
    if (value === undefined || value === null) cells.push('');
    else if (typeof value === 'number') cells.push(digitsOf(value));
    else if (typeof value === 'string' || typeof value === 'boolean') cells.push(String(value));
    else return { line, fault: 'json-nested' };
  }
  return { line, cells };
}

/** As cells are written: without an exponent. */
function digitsOf(value: number): string {
  const text = String(value);
  const [, sign = '', whole = '', fraction = '', zeros] = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/.exec(text) ?? [];
  if (zeros !== undefined) return `${sign}0.${'0'.repeat(Number(zeros) - 1)}${whole}${fraction}`;
  return text.includes('e') ? String(BigInt(value)) : text;
}

function within(given: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  let at: unknown = given;
  for (const name of path) {
    if (!isRecord(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
