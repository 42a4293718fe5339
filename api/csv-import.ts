import { z } from 'zod';
import { csvRecords } from '../domain/profiles/csv-records';
import { BoucleError } from '../domain/shared/errors';

const FILE_LIMIT_BYTES = 4 * 2 ** 30;
/** Rejects that are told one by one; the rest are counted. */
const REJECTS_SHOWN = 1_000;

const rejectSchema = z.object({ line: z.int(), field: z.string(), code: z.string(), reason: z.string() });
export type CsvReject = Readonly<z.infer<typeof rejectSchema>>;

export const importedSchema = z.object({
  rows: z.int().describe('rows = accepted + duplicates + rejected'),
  accepted: z.int(),
  duplicates: z.int(),
  rejected: z.int(),
  rejects: z.array(rejectSchema).describe(`The first ${REJECTS_SHOWN}.`),
});
export type Imported = z.infer<typeof importedSchema>;

export interface CsvImport<T> {
  readonly delimiter: string;
  readonly missing: (header: readonly string[]) => readonly string[];
  readonly readerOf: (
    header: readonly string[],
  ) => (
    cells: readonly string[],
    line: number,
  ) => { readonly value: T } | { readonly rejects: readonly CsvReject[] };
  /** Up to `batch` at once; those it refuses by their index, with words. */
  readonly write: (values: readonly T[]) => Promise<{
    readonly accepted: number;
    readonly duplicates: number;
    readonly rejected: readonly { readonly index: number; readonly code: string; readonly reason: string }[];
  }>;
  readonly batch: number;
}

/**
 * Reads a file as it comes and writes it batch by batch: a bad row is rejected with its line and reason, the rest goes
 * in. Throws csv-unreadable, too-large.
 */
export async function importCsv<T>(file: AsyncIterable<Uint8Array>, plan: CsvImport<T>): Promise<Imported> {
  const done: Imported = { rows: 0, accepted: 0, duplicates: 0, rejected: 0, rejects: [] };
  const refuse = (rejects: readonly CsvReject[]): void => {
    done.rejected += 1;
    done.rejects.push(...rejects.slice(0, REJECTS_SHOWN - done.rejects.length));
  };
  let held: { value: T; line: number }[] = [];
  const flush = async (): Promise<void> => {
    if (held.length === 0) return;
    const { accepted, duplicates, rejected } = await plan.write(held.map(({ value }) => value));
    done.accepted += accepted;
    done.duplicates += duplicates;
    for (const { index, code, reason } of rejected)
      refuse([{ line: held[index]?.line ?? 0, field: '*', code, reason }]);
    held = [];
  };
  let read: ReturnType<typeof plan.readerOf> | null = null;
  for await (const { header, records } of csvRecords(limited(file), plan)) {
    read ??= plan.readerOf(header);
    for (const record of records) {
      done.rows += 1;
      const row =
        'fault' in record ? { rejects: [brokenLine(record.line)] } : read(record.cells, record.line);
      if ('rejects' in row) {
        refuse(row.rejects);
        continue;
      }
      held.push({ value: row.value, line: record.line });
      if (held.length === plan.batch) await flush();
    }
  }
  await flush();
  done.rejects.sort((a, b) => a.line - b.line);
  return done;
}

const brokenLine = (line: number): CsvReject => ({
  line,
  field: '*',
  code: 'quotes-broken',
  reason: 'a quote is not closed, or something follows a closing quote',
});

async function* limited(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of file) {
    bytes += chunk.length;
    if (bytes > FILE_LIMIT_BYTES) throw new BoucleError('too-large', 'The file is larger than 4 GiB.');
    yield chunk;
  }
}
