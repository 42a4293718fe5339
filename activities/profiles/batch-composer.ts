import type { ImportRow, ReadRow, Reject } from '../../domain/profiles/row';
import type { ImportBatch } from '../../store/import-batches';
import type { WaitingRow, WaitingRows } from '../../store/import-waiting';

/** Rows per transaction: the round trips are spread over many rows and a batch is still some megabytes at most. */
const BATCH_ROWS = 2_000;

/** Rows held back in memory at most; past it they wait in the database. */
const HELD_ROWS = 20_000;

export type ComposedBatch = Pick<ImportBatch, 'size' | 'rejected' | 'rows' | 'rejects'>;

/**
 * Cuts a file into batches so that all rows of one person stand in the same one, in the file's order: the earlier are
 * held until the last has come, or wait for the end of the file where there are too many. Else a file that says two things of
 * somebody would, at every import, change them and change them back. The same file always gives the same batches.
 */
export class BatchComposer {
  private rows: ImportRow[] = [];
  private rejects: Reject[] = [];
  private rejected = 0;
  private readonly held = new Map<number, ImportRow[]>();
  private heldRows = 0;
  /** Whose rows wait for the end. */
  private readonly deferred = new Set<number>();
  private late: WaitingRow[] = [];
  private lateRows = 0;
  /** The batch before: it is written while the next one is read. */
  private writing: Promise<void> = Promise.resolve();

  /** `remaining`: how often each repeated key is still to come. */
  constructor(
    private readonly remaining: Map<number, number>,
    private readonly write: (batch: ComposedBatch) => Promise<void>,
    private readonly waiting: WaitingRows,
    private readonly holds = HELD_ROWS,
  ) {}

  /** Answers a promise only where there is something to wait for. */
  add(answer: ReturnType<ReadRow>, key: number | null): Promise<void> | undefined {
    const left = key === null ? undefined : this.remaining.get(key);
    if (key !== null && left !== undefined) this.remaining.set(key, left - 1);
    const more = left !== undefined && left > 1;
    if (!answer.ok) {
      this.rejected += 1;
      this.rejects.push(...answer.rejects);
    } else if (key !== null && this.deferred.has(key)) {
      this.late.push({ person: key, row: answer.row });
    } else if (key !== null && more && this.heldRows < this.holds) {
      // Copied: cells are slices of the piece of the file they came in, and one that waits would keep all of it in memory.
      const row = structuredClone(answer.row);
      const held = this.held.get(key);
      if (held === undefined) this.held.set(key, [row]);
      else held.push(row);
      this.heldRows += 1;
      return undefined;
    } else if (key !== null && more) {
      this.deferred.add(key);
      this.late.push(...[...this.heldOf(key), answer.row].map((row) => ({ person: key, row })));
    } else {
      this.release(key);
      this.rows.push(answer.row);
    }
    if (!more && !answer.ok) this.release(key);
    if (this.late.length >= BATCH_ROWS) return this.putLate();
    return this.rows.length + this.rejected >= BATCH_ROWS ? this.flush() : undefined;
  }

  async end(): Promise<void> {
    for (const key of [...this.held.keys()]) this.release(key);
    await this.flush();
    await this.putLate();
    if (this.lateRows > 0) await this.composeLate();
    await this.writing;
  }

  private async putLate(): Promise<void> {
    const rows = this.late;
    if (rows.length === 0) return;
    this.late = [];
    const from = this.lateRows;
    this.lateRows += rows.length;
    await this.waiting.put(rows, from);
  }

  private async composeLate(): Promise<void> {
    let last: number | null = null;
    for await (const { person, row } of this.waiting.all()) {
      const full = this.rows.length >= (person === last ? HELD_ROWS : BATCH_ROWS);
      if (full) await this.flush();
      this.rows.push(row);
      last = person;
    }
    await this.flush();
  }

  private release(key: number | null): void {
    if (key !== null) this.rows.push(...this.heldOf(key));
  }

  /** No longer held. */
  private heldOf(key: number): readonly ImportRow[] {
    const rows = this.held.get(key) ?? [];
    this.held.delete(key);
    this.heldRows -= rows.length;
    return rows;
  }

  private async flush(): Promise<void> {
    const { rows, rejects, rejected } = this;
    const size = rows.length + rejected;
    if (size === 0) return;
    this.rows = [];
    this.rejects = [];
    this.rejected = 0;
    await this.writing;
    this.writing = this.write({ size, rejected, rows, rejects });
    // Its fault is told when the next batch waits for it, or the end does.
    this.writing.catch(() => {});
  }
}
