import { accept, refuse, type Checked } from './checked';
import { minorUnits } from '../shared/money';
import { dateReader } from './date-format';
import type { Mapping } from './mapping';
import { frenchRegion } from './places';
import { normaliseText } from './text-fields';

export const CELL_TYPES = ['string', 'integer', 'number', 'boolean', 'date', 'money', 'region'] as const;
export type CellType = (typeof CELL_TYPES)[number];
export type Scalar = string | number | boolean;

const plain = (input: string): string => input.replace(/[\s\u00a0\u202f]/g, '');

/** `1234.5`, `1234,5`, `1 234,5`. Thousands separators other than spaces are refused: `1,234` would be a guess. */
function number(input: string): Checked<number> {
  const text = plain(input).replace(',', '.');
  return /^[+-]?\d{1,15}(?:\.\d{1,12})?$/.test(text) ? accept(Number(text) + 0) : refuse('number-invalid');
}

function integer(input: string): Checked<number> {
  const text = plain(input);
  return /^[+-]?\d{1,15}$/.test(text) ? accept(Number(text) + 0) : refuse('integer-invalid');
}

/** In minor units of the currency. */
export function moneyCents(input: string, currency = 'EUR'): Checked<number> {
  const units = minorUnits(input, currency);
  return units === null ? refuse('money-invalid') : accept(units);
}

const TRUE = new Set(['1', 'true', 'yes', 'y', 'oui', 'o', 'vrai']);
const FALSE = new Set(['0', 'false', 'no', 'n', 'non', 'faux']);

/** Words are in lower case. */
const booleanReader =
  (yes: ReadonlySet<string>, no: ReadonlySet<string>) =>
  (input: string): Checked<boolean> => {
    const text = input.trim().toLowerCase();
    if (yes.has(text)) return accept(true);
    return no.has(text) ? accept(false) : refuse('boolean-invalid');
  };

const lower = (words: readonly string[]): ReadonlySet<string> =>
  new Set(words.map((word) => word.toLowerCase()));

/** A calendar day as `2026-05-31`, from that or from the French order `31/05/2026`; it must exist, in 1900 to 2199. */
export function calendarDay(input: string): Checked<string> {
  const text = input.trim();
  const french = /^(\d{2})[/.](\d{2})[/.](\d{4})$/.exec(text);
  const day = french === null ? text : `${french[3]}-${french[2]}-${french[1]}`;
  if (!/^(19|20|21)\d{2}-\d{2}-\d{2}$/.test(day)) return refuse('date-invalid');
  const at = new Date(`${day}T00:00:00Z`);
  // A 31 February is read as the 3 March.
  return at.getUTCDate() === Number(day.slice(8)) ? accept(day) : refuse('date-invalid');
}

/** An instant: a calendar day (midnight UTC) or ISO 8601 with its offset. Answers ISO 8601 in UTC. */
export function instant(input: string): Checked<string> {
  const day = calendarDay(input);
  if (day.ok) return accept(`${day.value}T00:00:00.000Z`);
  const text = input.trim();
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/.test(text))
    return refuse('date-invalid');
  if (!calendarDay(text.slice(0, 10)).ok) return refuse('date-invalid');
  const at = new Date(text.replace(' ', 'T'));
  return Number.isNaN(at.getTime()) ? refuse('date-invalid') : accept(at.toISOString());
}

const date = (input: string): Checked<string> => {
  const day = calendarDay(input);
  return day.ok ? day : instant(input);
};

/** How a cell becomes an attribute's value: money in integer cents, dates as ISO 8601 text. */
export const CELL_READERS: Record<CellType, (input: string) => Checked<Scalar>> = {
  string: normaliseText,
  integer,
  number,
  boolean: booleanReader(TRUE, FALSE),
  date,
  money: (text) => moneyCents(text),
  region: frenchRegion,
};

/** How a column of a mapping becomes an attribute's value; `own`: the currency of the row. */
export function cellReader(
  field: Pick<Mapping['fields'][number], 'type' | 'format' | 'unit' | 'currency' | 'words'>,
  where: Pick<Mapping, 'zone' | 'locale'>,
): (input: string, own?: string) => Checked<Scalar> {
  const { type, format, unit, currency, words } = field;
  if (type === 'date' && format !== undefined) return dateReader(format, where);
  if (type === 'money')
    return (text, own = currency) => {
      const units = moneyCents(unit === 'cents' ? '0' : text, own);
      return unit === 'cents' && units.ok ? integer(text) : units;
    };
  if (type === 'boolean' && words !== undefined) return booleanReader(lower(words.true), lower(words.false));
  return CELL_READERS[type];
}
