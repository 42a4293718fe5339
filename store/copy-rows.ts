import { finished } from 'node:stream/promises';
import type postgres from 'postgres';
import type { Tx } from './db';

type Cell = string | number | boolean | null | undefined;

/**
 * Puts new rows in by `copy … from stdin`, three times as fast as an insert from JSON. Cells are as PostgreSQL reads them as
 * text; null and undefined are NULL. A fault of the rows is the transaction's.
 */
export async function copyRows(
  tx: Tx,
  copy: postgres.PendingQuery<postgres.Row[]>,
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const into = await copy.writable();
  const ended = finished(into);
  for (let from = 0; from < rows.length; from += PIECE_ROWS) {
    const text = rows
      .slice(from, from + PIECE_ROWS)
      .map(line)
      .join('');
    await Promise.race([ended, new Promise<void>((written) => into.write(text, () => written()))]);
  }
  into.end();
  // The driver never answers for a COPY that fails at its end (postgres 3.4, connection.js: the stream is let go of before):
  // the statement after it does, also where the connection is lost.
  await Promise.race([ended, tx`select 1`]);
}

/** While the server takes in a piece, the next is made. */
const PIECE_ROWS = 500;

function line(cells: readonly Cell[]): string {
  let text = '';
  let between = '';
  for (const value of cells) {
    text += between + cell(value);
    between = '\t';
  }
  return `${text}\n`;
}

const SPECIAL = /[\\\t\n\r]/;
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function cell(value: Cell): string {
  if (value === null || value === undefined) return '\\N';
  const text = String(value);
  return SPECIAL.test(text) ? text.replaceAll(/[\\\t\n\r]/g, (one) => ESCAPED[one] ?? one) : text;
}

/** A bytea by its hexadecimal digits. */
export const hexCell = (hex: string | null): string | null => (hex === null ? null : `\\x${hex}`);
