import type { ProfilesActivities } from '../contract';
import { csvRecords, type CsvForm } from '../../domain/profiles/csv-records';
import { DuplicateFinder, hashOf, rawKey } from '../../domain/profiles/duplicates';
import type { Mapping } from '../../domain/profiles/mapping';
import { missingColumns, reject, rowReader, type ReadRow } from '../../domain/profiles/row';
import { BoucleError } from '../../domain/shared/errors';
import type { ImportBatches } from '../../store/import-batches';
import type { ImportRecord, ImportsStore } from '../../store/imports-store';
import { BatchComposer } from './batch-composer';

export interface RunImportDeps {
  readonly imports: Pick<ImportsStore, 'get' | 'getMapping'>;
  readonly batches: ImportBatches;
  /** Tells Temporal how far it is: counts only. */
  readonly heartbeat: (details: { readonly rows: number }) => void;
}

/**
 * Reads the staged file twice, first for who is in it more than once, and puts it in, batch by batch. Safe to repeat:
 * the same file is cut into the same batches, each batch's counters move with its rows, so a later attempt passes over
 * what is in and a parallel one meets the fence.
 */
export async function runImport(
  deps: RunImportDeps,
  importId: string,
): ReturnType<ProfilesActivities['runImport']> {
  const { imports, batches } = deps;
  const begun = await batches.begin(importId);
  const record = await imports.get(importId);
  if (record === null) throw new BoucleError('not-found', `no import ${importId}`);
  if (begun.done) return counts(record);
  try {
    const mapping = await imports.getMapping(record.mapping);
    if (mapping === null) throw new BoucleError('mapping-unknown', `no import mapping ${record.mapping}`);
    const repeated = await repeatedKeys(deps, importId, mapping);
    await putIn(deps, record, mapping, repeated, begun.rows);
  } catch (error) {
    // A BoucleError is not retried: this is the import's end. Anything else comes again and goes on from its rows.
    if (error instanceof BoucleError) await batches.fail(importId, `${error.code}: ${error.message}`);
    throw error;
  }
  await batches.finish(importId);
  return counts((await imports.get(importId)) ?? record);
}

const counts = ({
  rows,
  created,
  merged,
  rejected,
}: ImportRecord): { rows: number; created: number; merged: number; rejected: number } => ({
  rows,
  created,
  merged,
  rejected,
});

async function repeatedKeys(
  { batches, heartbeat }: RunImportDeps,
  importId: string,
  mapping: Mapping,
): Promise<Map<number, number>> {
  const finder = new DuplicateFinder();
  for await (const { header, records } of csvRecords(batches.chunks(importId), formOf(mapping))) {
    const keyOf = rawKey(mapping, header);
    for (const record of records) {
      const key = 'cells' in record ? keyOf(record.cells) : null;
      if (key !== null) finder.add(key);
    }
    heartbeat({ rows: 0 });
  }
  return finder.repeated();
}

async function putIn(
  { batches, heartbeat }: RunImportDeps,
  record: ImportRecord,
  mapping: Mapping,
  repeated: Map<number, number>,
  already: number,
): Promise<void> {
  const { source, market, locale } = mapping;
  let before = 0;
  const composer = new BatchComposer(repeated, async (batch) => {
    if (before >= already) {
      const common = {
        importId: record.id,
        source,
        defaults: { market, locale },
        receivedAt: record.createdAt,
        before,
      };
      await batches.write({ ...common, ...batch });
    }
    before += batch.size;
    heartbeat({ rows: before });
  });
  let read: { readonly row: ReadRow; readonly key: ReturnType<typeof rawKey> } | null = null;
  for await (const { header, records } of csvRecords(batches.chunks(record.id), formOf(mapping))) {
    read ??= { row: rowReader(mapping, header, record.createdAt), key: rawKey(mapping, header) };
    for (const one of records) {
      if ('fault' in one) await composer.refuse([reject(one.line, '*', one.fault)]);
      else {
        const key = read.key(one.cells);
        await composer.add(read.row(one.cells, one.line), key === null ? null : hashOf(key));
      }
    }
  }
  await composer.end();
}

const formOf = (mapping: Mapping): CsvForm => ({
  delimiter: mapping.delimiter,
  missing: (header) => missingColumns(mapping, header),
});
