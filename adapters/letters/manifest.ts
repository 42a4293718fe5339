import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, open, readdir, readFile, rename, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { LetterKind } from '../../domain/shared/words';

/** One line of a manifest, as JSON. */
export interface ManifestLine {
  readonly deliveryId: number;
  readonly kind: LetterKind;
  readonly file: string;
  readonly sha256: string;
  readonly pages: number;
  /** null: an electronic letter. */
  readonly grams: number | null;
  /** SHA-256 of the lines in the window, each ended by a line feed: what the shop prints can be checked against it. */
  readonly recipientSha256: string;
}

export interface ManifestOptions {
  /** Lines after which a batch is closed. */
  readonly maxLines?: number;
  /** Age after which it is. */
  readonly maxAgeMs?: number;
}

const OPEN = '.open.jsonl';
const CLOSED = '.jsonl';

/**
 * The list of letters a print shop takes from a campaign's folder, in batches: `manifest-<time>-<id>.open.jsonl` while
 * one is being written, without `.open` once nothing more will be added, and only then may the shop take it. Each
 * process writes a batch of its own, so nothing needs locks across machines; what a dead one left open is closed by
 * the next. A delivery that is listed twice (a process that died between its letter and its answer) is one letter: the
 * file's name is its id.
 */
export function createManifest(home: string, options: ManifestOptions = {}) {
  const { maxLines = 1_000, maxAgeMs = 15 * 60_000 } = options;
  let batch: { name: string; file: FileHandle; lines: number; timer: NodeJS.Timeout } | null = null;
  // One thing after the other: an append never meets a close.
  let tail: Promise<void> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = tail.then(work);
    tail = result.then(
      () => {},
      () => {},
    );
    return result;
  };

  const closeBatch = async (): Promise<void> => {
    if (batch === null) return;
    const { name, file, timer } = batch;
    batch = null;
    clearTimeout(timer);
    await file.close();
    await rename(join(home, `${name}${OPEN}`), join(home, `${name}${CLOSED}`));
  };

  const openBatch = async (): Promise<NonNullable<typeof batch>> => {
    await mkdir(home, { recursive: true });
    await closeOrphans(home, maxAgeMs * 2);
    const at = new Date().toISOString().replace(/[:.]/g, '-');
    const name = `manifest-${at}-${randomBytes(4).toString('hex')}`;
    const file = await open(join(home, `${name}${OPEN}`), 'ax');
    const timer = setTimeout(() => void inTurn(closeBatch).catch(() => {}), maxAgeMs);
    timer.unref();
    return { name, file, lines: 0, timer };
  };

  return {
    /** On disk once it resolves. */
    append: (line: ManifestLine): Promise<void> =>
      inTurn(async () => {
        batch ??= await openBatch();
        await batch.file.appendFile(`${JSON.stringify(line)}\n`);
        await batch.file.datasync();
        batch.lines += 1;
        if (batch.lines >= maxLines) await closeBatch();
      }),

    /** Reads every batch: asked only of a letter that was there already. */
    lists: (deliveryId: number): Promise<boolean> =>
      inTurn(async () => {
        const needle = `{"deliveryId":${deliveryId},`;
        for (const name of (await readdir(home)).filter((n) => n.endsWith(CLOSED)))
          if ((await readFile(join(home, name), 'utf8')).includes(needle)) return true;
        return false;
      }),

    close: (): Promise<void> => inTurn(closeBatch),
  };
}

export type Manifest = ReturnType<typeof createManifest>;

/** A living process closes its batch at `maxAgeMs`: what nobody touched for twice as long has lost its own. */
async function closeOrphans(home: string, afterMs: number): Promise<void> {
  for (const name of (await readdir(home)).filter((n) => n.endsWith(OPEN))) {
    const path = join(home, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs < afterMs) continue;
    // A line the process died in is ended here, so that the shop's reader meets whole lines; the rest it skips.
    const text = await readFile(path, 'utf8');
    if (text !== '' && !text.endsWith('\n')) await appendFile(path, '\n');
    await rename(path, `${path.slice(0, -OPEN.length)}${CLOSED}`).catch(() => {});
  }
}
