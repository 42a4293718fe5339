import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createProfilesActivities } from '../activities/profiles';
import { inChunks } from '../api/chunks';
import { createImportBatches } from '../store/import-batches';
import { createImportsStore } from '../store/imports-store';
import type { Bench, PreparedBench } from './bench';
import { benchDatabase, type BenchDatabase } from './database';
import { IMPORT_MAPPING, writeFile, type DirtyFile } from './import-file';
import { timed } from './run';

const PEPPER = 'a pepper of benches';
const CHUNK_BYTES = 1 << 20;

export const importBench: Bench = {
  name: 'import',
  workload:
    'put in a staged CSV of n rows and 12 columns, 1 % of them wrong: normalise, check, find who is who by three keys, merge, and say of every field where it came from',
  against: 'COPY of the same file into a bare table of texts',
  defaultN: 1_000_000,
  unit: 'seconds',
  reach: { atMost: 5 },
  prepare,
};

async function prepare(n: number, say: (words: string) => void): Promise<PreparedBench> {
  const database = await benchDatabase();
  say(`  writing a file of ${n} rows`);
  const file = await writeFile(n);
  let round = 0;
  const said: string[] = [];
  return {
    ours: async () => {
      const id = `i${(round += 1)}`;
      await emptied(database);
      await stage(database, id, file);
      const { runImport } = createProfilesActivities({
        imports: createImportsStore(database.db.app),
        batches: createImportBatches(database.db.identity, PEPPER),
        eventTypes: () => Promise.resolve([]),
        heartbeat: () => {},
      });
      const seconds = await timed(async () => void (await runImport({ importId: id })));
      said.push(await check(database, id, n, file));
      return seconds;
    },
    reference: async () => {
      await database.owner`drop table if exists bare`;
      const columns = IMPORT_MAPPING.fields.map(({ column }) => `${column} text`).join(', ');
      await database.owner.unsafe(`create table bare (${columns}, more text)`);
      await database.owner`checkpoint`;
      // Rows with a cell too many are one cell short of fitting: COPY is given a file in which they do not.
      return timed(async () => {
        const into =
          await database.owner`copy bare (${database.owner(IMPORT_MAPPING.fields.map(({ column }) => column))})
          from stdin with (format csv, header true)`.writable();
        await pipeline(Readable.from(clean(file)), into);
      });
    },
    notes: () => [...new Set(said)],
    close: async () => {
      file.remove();
      await database.close();
    },
  };
}

/** The file without the rows COPY would refuse. */
async function* clean({ path }: DirtyFile): AsyncIterable<Buffer> {
  let rest = '';
  for await (const piece of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const text = rest + String(piece);
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    yield Buffer.from(text.slice(0, end).replaceAll(',one too many\n', '\n'));
  }
}

async function emptied({ owner }: BenchDatabase): Promise<void> {
  await owner`truncate profiles, profile_keys, profile_origins, profile_touches, imports, import_chunks, import_rejects,
    events, consent_events, consent_state, identity.people cascade`;
  await owner`checkpoint`;
}

async function stage({ db }: BenchDatabase, id: string, { path }: DirtyFile): Promise<void> {
  const imports = createImportsStore(db.app);
  await imports.putMapping(IMPORT_MAPPING.key, IMPORT_MAPPING, 'bench');
  await imports.create({ id, mapping: IMPORT_MAPPING.key, filename: null, createdBy: 'bench' });
  const digest = createHash('sha256');
  let [seq, bytes] = [0, 0];
  for await (const chunk of inChunks(createReadStream(path), CHUNK_BYTES)) {
    digest.update(chunk);
    bytes += chunk.length;
    await imports.appendChunk(id, seq++, chunk);
  }
  await imports.seal(id, digest.digest('hex'), bytes);
}

/** Every wrong row is told by its line and why, and the rest is in. */
async function check({ owner }: BenchDatabase, id: string, n: number, { wrong }: DirtyFile): Promise<string> {
  const [row] = await owner<{ rows: number; rejected: number; people: number }[]>`
    select rows, rejected, (select count(*) from profiles) as people from imports where id = ${id}`;
  const told = await owner<{ line: number; why: string }[]>`
    select line, field || ' ' || code as why from import_rejects where import_id = ${id} order by line`;
  const missed = told.filter(({ line, why }) => wrong.get(line) !== why).length;
  if (row?.rows !== n || told.length !== wrong.size || missed > 0)
    throw new Error(
      `of ${n} rows ${row?.rows ?? 0} were read; ${told.length} of ${wrong.size} wrong ones told, ${missed} otherwise than they are`,
    );
  return `${row.people} people; all ${wrong.size} wrong rows told by line, field and reason`;
}
