import type { CsvReject } from './csv-import';
import { MOST_ARMS } from './schemas/arms';
import type { ArmCounts } from './schemas/experiments';

export interface TestColumns {
  readonly arm: string;
  readonly outcome: string;
  readonly kind: 'share' | 'mean';
}

export interface TestRow {
  readonly arm: string;
  readonly outcome: number;
}

const YES = new Set(['1', 'true', 'yes', 'oui', 'vrai']);
const NO = new Set(['', '0', 'false', 'no', 'non', 'faux']);

/** Reads one person a row: the arm, and whether they had the event, or the amount. */
export function testRowReader({ arm, outcome, kind }: TestColumns, header: readonly string[]) {
  const at = (column: string): number => header.findIndex((name) => name.trim() === column);
  const [armAt, outcomeAt] = [at(arm), at(outcome)];
  const refused = (line: number, field: string, code: string, reason: string) => ({
    rejects: [{ line, field, code, reason }],
  });
  const arms = new Set<string>();
  return (
    cells: readonly string[],
    line: number,
  ): { readonly value: TestRow } | { readonly rejects: readonly CsvReject[] } => {
    if (cells.length !== header.length)
      return refused(line, '*', 'wrong-column-count', 'not as many cells as the header has');
    const key = (cells[armAt] ?? '').trim();
    if (key === '' || key.length > 60) return refused(line, arm, 'arm-invalid', 'not the name of an arm');
    arms.add(key);
    if (arms.size > MOST_ARMS) {
      arms.delete(key);
      return refused(line, arm, 'arm-invalid', `a test has at most ${MOST_ARMS} arms`);
    }
    const text = (cells[outcomeAt] ?? '').trim();
    const value = kind === 'share' ? eventOf(text) : amountOf(text);
    return value === null
      ? refused(
          line,
          outcome,
          'outcome-invalid',
          kind === 'share' ? 'not a number or a yes or no' : 'not a number',
        )
      : { value: { arm: key, outcome: value } };
  };
}

/** Any number above 0 is one event. */
function eventOf(text: string): number | null {
  const word = text.toLowerCase();
  if (YES.has(word)) return 1;
  if (NO.has(word)) return 0;
  const number = amountOf(text);
  return number === null ? null : number > 0 ? 1 : 0;
}

function amountOf(text: string): number | null {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) && Math.abs(value) <= 1e15 ? value : null;
}

/** Adds rows up, arm by arm, in the order the arms come. */
export function armTotals(kind: TestColumns['kind']) {
  const totals = new Map<string, { n: number; sum: number; sumOfSquares: number }>();
  return {
    add(rows: readonly TestRow[]): void {
      for (const { arm, outcome } of rows) {
        const total = totals.get(arm) ?? { n: 0, sum: 0, sumOfSquares: 0 };
        total.n += 1;
        total.sum += outcome;
        total.sumOfSquares += outcome * outcome;
        totals.set(arm, total);
      }
    },
    arms: (): ArmCounts[] =>
      [...totals].map(([key, { n, sum, sumOfSquares }]) =>
        kind === 'share' ? { key, n, successes: sum } : { key, n, sum, sumOfSquares },
      ),
  };
}
