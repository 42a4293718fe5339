import type { DeclaredAnswers, FileAnswers } from '../audience/demo-mapping';
import type { CsvTable } from '../support/csv';

/** What people of a kind do. Arm null: they got nothing. */
export interface Rates {
  /** Event types, the widest first: whoever does a later one did the earlier ones too, where the rates are nested. */
  readonly events: readonly string[];
  /** Probability that somebody of this kind, with this arm's message or none, does it within the window. */
  rate(event: string, arm: string | null, kind: string): number;
  /** What one of them is worth, in cents of `currency`; null: nothing is paid. `unit` in [0, 1) chooses. */
  value(
    event: string,
    arm: string | null,
    kind: string,
    unit: number,
  ): { readonly cents: number; readonly currency: string } | null;
}

/** The kind of one row: its cells in the columns that drive the answers. */
export const kindOf = (kindColumns: readonly string[], cell: (column: string) => string): string =>
  kindColumns.map((column) => cell(column).trim()).join(' · ');

const NOTHING = '';
const armKey = (arm: string | null): string => arm ?? NOTHING;

interface Cell {
  people: number;
  readonly did: Map<string, number>;
  readonly cents: Map<string, number[]>;
}

const emptyCell = (): Cell => ({ people: 0, did: new Map(), cents: new Map() });

/**
 * Counts a file of answers: of each arm × kind, how many did what, and what they paid. A kind that an arm never had
 * answers as its arm does on the whole. Throws when a column is missing or an arm's cell is not in `armValues`.
 */
export function ratesFromFile(table: CsvTable, answers: FileAnswers): Rates {
  const at = (column: string): number => {
    const index = table.header.indexOf(column);
    if (index === -1) throw new Error(`the file has no column ${column}, which drives the simulated answers`);
    return index;
  };
  const armAt = at(answers.armColumn);
  const kinds = answers.kindColumns.map(at);
  const outcomes = answers.outcomes.map((o) => ({
    ...o,
    at: at(o.column),
    valueAt: o.valueColumn === undefined ? null : at(o.valueColumn),
  }));
  const cells = new Map<string, Cell>();
  const cellOf = (key: string): Cell => {
    const known = cells.get(key);
    if (known) return known;
    const made = emptyCell();
    cells.set(key, made);
    return made;
  };

  for (const row of table.rows) {
    const said = row[armAt] ?? '';
    const arm = answers.armValues[said];
    if (arm === undefined)
      throw new Error(`${answers.armColumn} holds a value that answers.armValues does not list`);
    const kind = kinds.map((i) => (row[i] ?? '').trim()).join(' · ');
    for (const cell of [cellOf(`${armKey(arm)}\n${kind}`), cellOf(armKey(arm))]) {
      cell.people += 1;
      for (const { event, at: index, valueAt } of outcomes) {
        if (row[index] !== '1') continue;
        cell.did.set(event, (cell.did.get(event) ?? 0) + 1);
        if (valueAt === null) continue;
        const cents = cell.cents.get(event) ?? [];
        cents.push(Math.round(Number(row[valueAt]) * 100));
        cell.cents.set(event, cents);
      }
    }
  }
  const find = (arm: string | null, kind: string): Cell | undefined =>
    cells.get(`${armKey(arm)}\n${kind}`) ?? cells.get(armKey(arm));

  return {
    events: outcomes.map((o) => o.event),
    rate(event, arm, kind) {
      const cell = find(arm, kind);
      return cell === undefined ? 0 : (cell.did.get(event) ?? 0) / cell.people;
    },
    value(event, arm, kind, unit) {
      const currency = outcomes.find((o) => o.event === event)?.currency;
      // Few of a kind buy: where nobody did, they pay what somebody of their arm paid.
      const paid = find(arm, kind)?.cents.get(event) ?? cells.get(armKey(arm))?.cents.get(event) ?? [];
      const cents = paid[Math.floor(unit * paid.length)];
      return cents === undefined || currency === undefined ? null : { cents, currency };
    },
  };
}

/** Rates as they are declared: the arm's own, for the kind or for every other (`*`). */
export function declaredRates(answers: DeclaredAnswers): Rates {
  const of = (event: string) => answers.outcomes.find((o) => o.event === event);
  return {
    events: answers.outcomes.map((o) => o.event),
    rate(event, arm, kind) {
      const rates = of(event)?.rates;
      const byKind = rates?.[arm ?? 'none'] ?? rates?.['none'];
      return byKind?.[kind] ?? byKind?.['*'] ?? 0;
    },
    value(event, _arm, _kind, unit) {
      const outcome = of(event);
      if (outcome?.valueCents === undefined) return null;
      const [from, to] = outcome.valueCents;
      return { cents: from + Math.floor(unit * (to - from + 1)), currency: outcome.currency ?? 'EUR' };
    },
  };
}
