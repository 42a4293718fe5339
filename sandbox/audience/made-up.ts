import { AREA_WEIGHTS } from '../generate/areas';
import { csvLine, type CsvTable } from '../support/csv';
import { chooser, seededUnit } from '../support/seeded';
import { UNKNOWN_DOMAIN } from '../mail-sink/smtp';
import type { MadeUp } from './demo-mapping';

type MadeUpColumn = MadeUp['columns'][string];

const DAY_MS = 86_400_000;
const FRENCH_AREAS = AREA_WEIGHTS.map(([{ code }, weight]) => [code, weight] as const);

export interface MadeUpOptions {
  readonly madeUp: MadeUp;
  /** The how-manieth demonstration on this data folder: each has people of its own. */
  readonly run: number;
  readonly nowMs: number;
}

/**
 * The file with its made-up columns after its own. Each cell follows from the seed, its column and the row's number,
 * so the same file gives the same people, however often it is read.
 */
export function withMadeUpColumns(table: CsvTable, { madeUp, run, nowMs }: MadeUpOptions): CsvTable {
  const names = Object.keys(madeUp.columns);
  const clash = names.find((name) => table.header.includes(name));
  if (clash !== undefined) throw new Error(`the file has a column ${clash} of its own: it cannot be made up`);
  const makers = Object.values(madeUp.columns).map((column) => makerOf(column, { names, run, nowMs }));
  const rows = table.rows.map((cells, row) => {
    const made: string[] = [];
    makers.forEach((make, i) =>
      made.push(make({ row, unit: () => seededUnit(madeUp.seed, names[i] ?? '', row), made })),
    );
    return [...cells, ...made];
  });
  return { ...table, header: [...table.header, ...names], rows };
}

interface CellPlace {
  readonly row: number;
  readonly unit: () => number;
  /** Cells of the same row made so far, in the order of their columns. */
  readonly made: readonly string[];
}

function makerOf(
  column: MadeUpColumn,
  { names, run, nowMs }: { readonly names: readonly string[]; readonly run: number; readonly nowMs: number },
): (place: CellPlace) => string {
  const number = (row: number): string => `${run === 1 ? '' : `${run}-`}${String(row + 1).padStart(6, '0')}`;
  switch (column.kind) {
    case 'customer-key':
      return ({ row }) => `${column.prefix}${number(row)}`;
    case 'email':
      return ({ row, unit }) =>
        `client-${number(row)}@${unit() < column.unknownShare ? UNKNOWN_DOMAIN : column.domain}`;
    case 'area': {
      const choose = chooser(
        column.weights === 'departements' ? FRENCH_AREAS : Object.entries(column.weights),
      );
      return ({ unit }) => choose(unit());
    }
    case 'one-of': {
      const choose = chooser(Object.entries(column.shares));
      return ({ unit }) => choose(unit());
    }
    case 'day': {
      const [from, to] = column.daysAgo;
      const withAt = column.onlyWith === undefined ? -1 : names.indexOf(column.onlyWith);
      const days = Array.from({ length: to - from + 1 }, (_, i) => dayBefore(nowMs, from + i));
      return ({ unit, made }) =>
        withAt >= 0 && made[withAt] === '' ? '' : (days[Math.floor(unit() * days.length)] ?? '');
    }
  }
}

const dayBefore = (nowMs: number, days: number): string =>
  new Date((Math.floor(nowMs / DAY_MS) - days) * DAY_MS).toISOString().slice(0, 10);

/** The whole table as CSV text. */
export const tableAsCsv = ({ header, rows }: CsvTable): string =>
  [csvLine(header), ...rows.map((cells) => csvLine(cells))].join('');
