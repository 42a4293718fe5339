import { createHash } from 'node:crypto';
import type { ImportRow, Reject } from '../domain/profiles/row';
import { reject } from '../domain/profiles/row';
import { BoucleError } from '../domain/shared/errors';
import { analyze } from './analyze';
import { appendConsentRows, type ConsentRow } from './consent-append';
import { keepWordings, wordingOf, type Wording } from './consent-store';
import type { Sql, Tx } from './db';
import { appendEventRows, type EventRow } from './events-append';
import { fingerprints, type Fingerprints } from './fingerprint';
import { foresee, mergePatches, type MergeOutcome } from './profiles-merge';
import { originOf } from './provenance';
import { waitingRows, type WaitingRows } from './import-waiting';
import { noteArrival } from './sources-store';

/** Some rows of one file, in its order, and the rejects among them. */
export interface ImportBatch {
  readonly importId: string;
  readonly source: string;
  /** How each field is read (domain/profiles/steps.ts). */
  readonly steps: Readonly<Record<string, readonly string[]>>;
  readonly defaults: { readonly market: string; readonly locale: string };
  /** ISO 8601; stands in for the date of consents that have none. */
  readonly receivedAt: string;
  /** Data rows of the file before this batch: the fence against a second attempt at work on the same import. */
  readonly before: number;
  /** Bytes of the staged file read by now: how far it is. */
  readonly bytesRead: number;
  /** Data rows in this batch: rows.length + rejected. */
  readonly size: number;
  readonly rejected: number;
  readonly rows: readonly ImportRow[];
  readonly rejects: readonly Reject[];
}

export interface ImportBatches {
  /** Marks the import as running; answers how many rows earlier attempts put in. Throws conflict if it cannot run. */
  begin(importId: string): Promise<{ rows: number; done: boolean }>;
  /** The bytes in order, one chunk at a time. */
  chunks(importId: string): AsyncIterable<Uint8Array>;
  /** Does for a row what its batch will need and no database has to be asked for: while another batch is written. */
  foresee(row: ImportRow): void;
  /** Everything of a batch in one transaction. Throws when another attempt has gone further. */
  write(batch: ImportBatch): Promise<void>;
  /** Rows that wait for the end of their file. */
  waiting(importId: string): WaitingRows;
  /** Stamps the end and drops the staged bytes: they are personal data and have served. */
  finish(importId: string): Promise<void>;
  /** Ends a running import and drops the staged bytes as `finish` does. `error` is a code and words without values. */
  fail(importId: string, error: string): Promise<void>;
}

/** Needs the identity pool: rows bring names and addresses. */
export function createImportBatches(identity: Sql, pepper: string): ImportBatches {
  const prints = fingerprints(pepper);
  return {
    begin: async (importId) => {
      const [row] = await identity<{ rows: number; state: string; error: string | null }[]>`
        with started as (
          update imports set state = 'running' where id = ${importId} and state = 'queued' returning rows, state, error
        )
        select rows, state, error from started
        union all
        select rows, state, error from imports where id = ${importId} and not exists (select from started)`;
      if (row === undefined) throw new BoucleError('not-found', `no import ${importId}`);
      if (row.state === 'receiving')
        throw new BoucleError('conflict', `import ${importId} is still receiving its file`);
      if (row.state === 'failed')
        throw new BoucleError(
          'conflict',
          `import ${importId} has failed before: ${row.error ?? 'no reason kept'}`,
        );
      return { rows: row.rows, done: row.state === 'done' };
    },

    chunks: async function* (importId) {
      for (let seq = 0; ; seq += 1) {
        const [row] = await identity<{ bytes: Buffer }[]>`
          select bytes from import_chunks where import_id = ${importId} and seq = ${seq}`;
        if (row === undefined) return;
        yield row.bytes;
      }
    },

    foresee: (row) => foresee(prints, row),

    write: async (batch) => {
      await identity.begin((tx) => writeBatch(tx, pepper, prints, batch));
      if (manyMore(batch)) await analyze(identity, ['profile_keys']);
    },

    waiting: (importId) => waitingRows(identity, importId),

    finish: async (importId) => {
      await identity.begin(async (tx) => {
        await tx`update imports set state = 'done', bytes_read = bytes, finished_at = now() where id = ${importId} and state = 'running'`;
        await tx`delete from import_chunks where import_id = ${importId}`;
        await tx`delete from import_waiting where import_id = ${importId}`;
        const [feed] = await tx<{ source: string | null }[]>`
          select m.definition ->> 'source' as source
          from imports i join import_mappings m on m.key = i.mapping where i.id = ${importId}`;
        if (typeof feed?.source === 'string') await noteArrival(tx, feed.source);
      });
      await analyze(identity, ['profiles', 'profile_keys', 'events', 'consent_state', 'identity.people']);
    },

    fail: async (importId, error) => {
      await identity`
        with failed as (
          update imports set state = 'failed', error = ${error}, finished_at = now()
          where id = ${importId} and state = 'running' returning id
        ),
        waiting as (delete from import_waiting using failed where import_waiting.import_id = failed.id)
        delete from import_chunks using failed where import_id = failed.id`;
    },
  };
}

/**
 * With this batch the file has brought four times as many rows as when it last was so. A planner that thinks their table is
 * as empty as they were reads all keys for each batch.
 */
function manyMore({ before, size }: ImportBatch): boolean {
  const fourths = (rows: number): number => Math.floor(Math.log2(Math.max(1, rows / FEW_ROWS)) / 2);
  return before + size >= FEW_ROWS && (before < FEW_ROWS || fourths(before + size) > fourths(before));
}

const FEW_ROWS = 8_000;

async function writeBatch(tx: Tx, pepper: string, prints: Fingerprints, batch: ImportBatch): Promise<void> {
  // Locks the import's row until the counters are in: of two attempts one waits here and then finds rows moved on.
  const [fence] = await tx<
    { rows: number }[]
  >`select rows from imports where id = ${batch.importId} for update`;
  if (fence?.rows !== batch.before) {
    // A plain error, so that Temporal tries again: the next attempt goes on from where the other one got.
    throw new Error(`import ${batch.importId} is at row ${fence?.rows ?? -1}: another attempt is at work`);
  }
  const { importId, source, steps } = batch;
  const origin = (t: Tx): Promise<number> => originOf(t, { source, importId, steps });
  const outcomes = await mergePatches(tx, pepper, source, batch.defaults, batch.rows, origin, prints);
  const people = batch.rows.map((row, i) => ({ row, outcome: outcomeAt(outcomes, i) }));
  const events = new Map(
    people.flatMap(({ row, outcome }) => eventsOf(prints, batch.source, row, outcome)).map((e) => [e.id, e]),
  );
  const newEvents = await appendEventRows(tx, [...events.values()]);
  const said = people.flatMap(({ row, outcome }) => consentsOf(batch, row, outcome));
  await keepWordings(
    tx,
    said.flatMap(({ wording }) => (wording === null ? [] : [wording])),
  );
  const consents = await appendConsentRows(
    tx,
    said.map(({ row }) => row),
  );
  const remarks = people.flatMap(({ row, outcome }) =>
    outcome.conflicts.map((kind) => reject(row.line, kind, 'key-conflict')),
  );
  await writeRejects(tx, batch.importId, [...batch.rejects, ...remarks]);
  const count = (kind: MergeOutcome['outcome']): number => outcomes.filter((o) => o.outcome === kind).length;
  await tx`
    update imports set bytes_read = ${batch.bytesRead}, rows = rows + ${batch.size}, created = created + ${count('created')},
      merged = merged + ${count('merged')}, unchanged = unchanged + ${count('unchanged')},
      rejected = rejected + ${batch.rejected}, events = events + ${newEvents.size}, consents = consents + ${consents}
    where id = ${batch.importId}`;
}

function outcomeAt(outcomes: readonly MergeOutcome[], i: number): MergeOutcome {
  const outcome = outcomes[i];
  if (outcome === undefined) throw new Error('a merge answers one outcome per row');
  return outcome;
}

/** The same row gives the same id at every import, whatever the file's name, the day or the profile's number. */
function eventsOf(prints: Fingerprints, source: string, row: ImportRow, outcome: MergeOutcome): EventRow[] {
  if (row.events.length === 0) return [];
  const { customerKey, email, phone } = row.fields;
  const person =
    customerKey !== undefined
      ? prints('customer', customerKey)
      : email !== undefined
        ? prints('email', email)
        : prints('phone', phone ?? '');
  return row.events.map(({ type, at, identity, valueCents, currency }) => {
    const hash = createHash('sha256').update([source, person, ...identity].join('\u001f'), 'utf8');
    return {
      id: `import:${hash.digest('hex').slice(0, 40)}`,
      profileId: outcome.profileId,
      originalId: outcome.originalId,
      type,
      at,
      valueCents,
      currency,
      properties: {},
    };
  });
}

function consentsOf(
  batch: ImportBatch,
  row: ImportRow,
  outcome: MergeOutcome,
): { readonly row: ConsentRow; readonly wording: Wording | null }[] {
  const locale = row.fields.locale ?? batch.defaults.locale;
  return row.consents.map(({ wording: text, proof, ...said }) => {
    const wording = text === null ? null : wordingOf(text, locale);
    return {
      wording,
      row: {
        ...said,
        profileId: outcome.profileId,
        originalId: outcome.originalId,
        fallbackAt: batch.receivedAt,
        wordingSha256: wording?.sha256 ?? null,
        locale,
        evidence: { import: batch.importId, ...(proof === null ? {} : { proof }) },
        recordedBy: 'import',
      },
    };
  });
}

async function writeRejects(tx: Tx, importId: string, rejects: readonly Reject[]): Promise<void> {
  if (rejects.length === 0) return;
  await tx`
    insert into import_rejects (import_id, line, field, code, reason)
    select ${importId}, line, field, code, reason
    from json_to_recordset(${JSON.stringify(rejects)}::text::json) as x(line bigint, field text, code text, reason text)
    on conflict do nothing`;
}
