import { setImmediate as turn } from 'node:timers/promises';
import type { ProfilesActivities } from '../contract';
import { csvRecords } from '../../domain/profiles/csv-records';
import { DuplicateFinder, hashOf, rawKey } from '../../domain/profiles/duplicates';
import type { EventType } from '../../domain/events/event-type';
import { columnsOf, type Mapping } from '../../domain/profiles/mapping';
import { ndjsonRecords } from '../../domain/profiles/ndjson-records';
import { stepsOf } from '../../domain/profiles/steps';
import { missingColumns, reject, rowReader, type ReadRow } from '../../domain/profiles/row';
import { BoucleError } from '../../domain/shared/errors';
import { isOfData } from '../../store/data-faults';
import type { ImportBatches } from '../../store/import-batches';
import type { ImportRecord, ImportsStore } from '../../store/imports-store';
import { BatchComposer, type ComposedBatch } from './batch-composer';
import { inflated } from './inflate';

/** Rows read at a stretch while a batch is written: the database's answers are not kept waiting for longer. */
const STRETCH_ROWS = 16;

export interface RunImportDeps {
  readonly imports: Pick<ImportsStore, 'get' | 'getMapping'>;
  readonly batches: ImportBatches;
  /** What events of each type look like, as of now. */
  readonly eventTypes: () => Promise<readonly EventType[]>;
  /** Rows held in memory for the later ones of their person; the rest wait in the database. */
  readonly heldRows?: number;
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
    const repeated = await repeatedKeys(deps, record, mapping);
    await putIn(deps, record, mapping, repeated, begun.rows);
  } catch (error) {
    // This is the import's end, not retried. Anything else comes again and goes on from its rows.
    const fatal =
      error instanceof BoucleError
        ? error
        : isOfData(error)
          ? new BoucleError('import-unwritable', 'rows of the file cannot be stored')
          : null;
    if (fatal === null) throw error;
    await batches.fail(importId, `${fatal.code}: ${fatal.message}`);
    throw fatal;
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
  record: ImportRecord,
  mapping: Mapping,
): Promise<Map<number, number>> {
  const finder = new DuplicateFinder();
  for await (const { header, records } of recordsOf(batches.chunks(record.id), record, mapping)) {
    const keyOf = rawKey(mapping, header);
    for (const one of records) {
      const key = 'cells' in one ? keyOf(one.cells) : null;
      if (key !== null) finder.add(key);
    }
    heartbeat({ rows: 0 });
  }
  return finder.repeated();
}

async function putIn(
  { batches, eventTypes, heldRows, heartbeat }: RunImportDeps,
  record: ImportRecord,
  mapping: Mapping,
  repeated: Map<number, number>,
  already: number,
): Promise<void> {
  const { source, market, locale } = mapping;
  const steps = stepsOf(mapping);
  const valued = new Set(
    (await eventTypes()).flatMap(({ type, value }) => (value === 'required' ? [type] : [])),
  );
  let before = 0;
  let bytesRead = 0;
  async function* chunks(): AsyncIterable<Uint8Array> {
    for await (const chunk of batches.chunks(record.id)) {
      bytesRead += chunk.length;
      yield chunk;
    }
  }
  const write = async (batch: ComposedBatch): Promise<void> => {
    if (before >= already) {
      const common = {
        importId: record.id,
        source,
        steps,
        defaults: { market, locale },
        receivedAt: record.createdAt,
        before,
        bytesRead,
      };
      await batches.write({ ...common, ...batch });
    }
    before += batch.size;
    heartbeat({ rows: before });
  };
  const composer = new BatchComposer(repeated, write, batches.waiting(record.id), heldRows);
  let stretch = 0;
  let read: { readonly row: ReadRow; readonly key: ReturnType<typeof rawKey> } | null = null;
  for await (const { header, records } of recordsOf(chunks(), record, mapping)) {
    read ??= { row: rowReader(mapping, header, record.createdAt, valued), key: rawKey(mapping, header) };
    for (const one of records) {
      const key = 'fault' in one ? null : read.key(one.cells);
      const answer: ReturnType<ReadRow> =
        'fault' in one
          ? { ok: false, rejects: [reject(one.line, '*', one.fault)] }
          : read.row(one.cells, one.line);
      if (answer.ok && before >= already) batches.foresee(answer.row);
      const full = composer.add(answer, key === null ? null : hashOf(key));
      if (full !== undefined) await full;
      stretch = (stretch + 1) % STRETCH_ROWS;
      if (stretch === 0) await turn();
    }
  }
  await composer.end();
}

/** The records of a staged file, however it is written down. */
function recordsOf(
  staged: AsyncIterable<Uint8Array>,
  { encoding }: ImportRecord,
  mapping: Mapping,
): ReturnType<typeof csvRecords> {
  const bytes = inPieces(encoding === 'gzip' ? inflated(staged) : staged);
  if (mapping.format === 'ndjson') return ndjsonRecords(bytes, columnsOf(mapping));
  return csvRecords(bytes, {
    delimiter: mapping.delimiter,
    missing: (header) => missingColumns(mapping, header),
  });
}

/** Small enough that the records of one are gone before the next are made: a megabyte of them outlives its youth. */
const PIECE_BYTES = 64 * 1024;

async function* inPieces(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield chunk.subarray(at, at + PIECE_BYTES);
}
