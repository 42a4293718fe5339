import { AREA_WEIGHTS } from '../generate/areas';
import { csvLine, type CsvTable } from '../support/csv';
import { seededUnit, weightedAt } from '../support/seeded';
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
  const columns = Object.entries(madeUp.columns);
  const rows = table.rows.map((cells, row) => {
    const made: Record<string, string> = {};
    for (const [name, column] of columns) {
      const unit = (salt = ''): number => seededUnit(madeUp.seed, name, row, salt);
      made[name] = cellOf(column, { row, run, nowMs, unit, made });
    }
    return [...cells, ...names.map((name) => made[name] ?? '')];
  });
  return { ...table, header: [...table.header, ...names], rows };
}

interface CellPlace {
  readonly row: number;
  readonly run: number;
  readonly nowMs: number;
  readonly unit: (salt?: string) => number;
  /** Cells of the same row made so far. */
  readonly made: Readonly<Record<string, string>>;
}

function cellOf(column: MadeUpColumn, { row, run, nowMs, unit, made }: CellPlace): string {
  switch (column.kind) {
    case 'customer-key':
      return `${column.prefix}${run === 1 ? '' : `${run}-`}${String(row + 1).padStart(6, '0')}`;
    case 'email': {
      const local = `client-${run === 1 ? '' : `${run}-`}${String(row + 1).padStart(6, '0')}`;
      return `${local}@${unit() < column.unknownShare ? UNKNOWN_DOMAIN : column.domain}`;
    }
    case 'area':
      return weightedAt(column.weights === 'departements' ? FRENCH_AREAS : Object.entries(column.weights), unit());
    case 'one-of':
      return weightedAt(Object.entries(column.shares), unit());
    case 'day': {
      if (column.onlyWith !== undefined && (made[column.onlyWith] ?? '') === '') return '';
      const [from, to] = column.daysAgo;
      const daysAgo = from + Math.floor(unit() * (to - from + 1));
      return new Date(Math.floor(nowMs / DAY_MS) * DAY_MS - daysAgo * DAY_MS).toISOString().slice(0, 10);
    }
  }
}

/** The whole table as CSV text. */
export const tableAsCsv = ({ header, rows }: CsvTable): string => [csvLine(header), ...rows.map((cells) => csvLine(cells))].join('');
