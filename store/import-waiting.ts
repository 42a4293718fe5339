import type { ImportRow } from '../domain/profiles/row';
import type { Sql } from './db';

/** A row of somebody the file speaks of more than once. */
export interface WaitingRow {
  /** The hash of their key, below 2^52. */
  readonly person: number;
  readonly row: ImportRow;
}

export interface WaitingRows {
  /** `from`: how many were put before these; the same rows again change nothing. */
  put(rows: readonly WaitingRow[], from: number): Promise<void>;
  /** Those of one person together, in the order they were put. */
  all(): AsyncIterable<WaitingRow>;
}

const PAGE = 2_000;

/** Rows of one import that wait for the end of its file. They go with its bytes. */
export function waitingRows(identity: Sql, importId: string): WaitingRows {
  return {
    put: async (rows, from) => {
      await identity`
        insert into import_waiting (import_id, person, seq, row)
        select ${importId}, person, seq, row::json from unnest(${rows.map(({ person }) => person)}::bigint[],
          ${rows.map((_, i) => from + i)}::int[], ${rows.map(({ row }) => JSON.stringify(row))}::text[]) as t (person, seq, row)
        on conflict do nothing`;
    },

    all: async function* () {
      let [person, seq] = [-1, -1];
      for (;;) {
        const page = await identity<{ person: number; seq: number; row: ImportRow }[]>`
          select person, seq, row from import_waiting
          where import_id = ${importId} and (person, seq) > (${person}, ${seq})
          order by person, seq limit ${PAGE}`;
        yield* page;
        const last = page.at(-1);
        if (last === undefined) return;
        [person, seq] = [last.person, last.seq];
      }
    },
  };
}
