import { DateTime, Info } from 'luxon';
import { z } from 'zod';
import { accept, refuse, type Checked } from './checked';

/** Formats that are numbers: seconds and milliseconds since 1970, days of a spreadsheet (25569 is 1 January 1970). */
const NUMBERS = ['epoch-s', 'epoch-ms', 'spreadsheet'] as const;
type NumberFormat = (typeof NUMBERS)[number];

const DAY_MS = 86_400_000;
const SPREADSHEET_1970 = 25_569;

/**
 * How a source writes its dates: tokens of luxon (`dd/MM/yyyy`, `d MMMM yyyy`, `yyyyMMdd`, `yyyy-MM-dd HH:mm:ss`), `epoch-s`,
 * `epoch-ms` or `spreadsheet`.
 */
export const dateFormatSchema = z
  .string()
  .min(2)
  .max(40)
  .refine((format) => isNumber(format) || tellsADay(format), 'no format of a whole date, such as dd/MM/yyyy');

const isNumber = (format: string): format is NumberFormat => NUMBERS.some((name) => name === format);

/** What it writes of a day it reads back as that day. */
function tellsADay(format: string): boolean {
  const day = DateTime.fromISO('2024-03-09', { zone: 'utc' });
  return DateTime.fromFormat(day.toFormat(format), format, { zone: 'utc' }).toISODate() === '2024-03-09';
}

const TIMES = /[HhmsSf]|T+|t+/;

/**
 * Reads dates of one format: a calendar day where it tells no time (`2026-05-31`), else an instant in UTC. Months and days
 * have the names of `locale`; times that tell no zone are of `zone`.
 */
export function dateReader(
  format: string,
  { zone, locale }: { readonly zone: string; readonly locale: string },
): (text: string) => Checked<string> {
  if (isNumber(format)) return numberReader(format);
  const timed = TIMES.test(format.replaceAll(/'[^']*'/g, ''));
  const spelt = speller(locale);
  return (text) => {
    const at = DateTime.fromFormat(spelt(text.trim()), format, { zone, locale });
    if (!at.isValid || at.year < 1900 || at.year > 2199) return refuse('date-invalid');
    return accept(timed ? new Date(at.toMillis()).toISOString() : at.toFormat('yyyy-MM-dd'));
  };
}

const bare = (word: string): string => word.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

/** As the locale spells it: months that were typed without their accents (`fevrier`), and the French `1er`. */
function speller(locale: string): (text: string) => string {
  const months = [...Info.months('long', { locale }), ...Info.months('short', { locale })];
  const byBare = new Map(months.map((month) => [bare(month), month]));
  const first = /^fr\b/i.test(locale) ? /\b1er\b/gi : null;
  return (text) => {
    const words = text.replaceAll(/\p{L}+\.?/gu, (word) => byBare.get(bare(word)) ?? word);
    return first === null ? words : words.replaceAll(first, '1');
  };
}

function numberReader(format: NumberFormat): (text: string) => Checked<string> {
  return (text) => {
    const trimmed = text.trim();
    if (!/^-?\d{1,14}(?:\.\d{1,9})?$/.test(trimmed)) return refuse('date-invalid');
    const number = Number(trimmed);
    const days = format === 'spreadsheet';
    const ms = days ? (number - SPREADSHEET_1970) * DAY_MS : format === 'epoch-s' ? number * 1_000 : number;
    if (Math.abs(ms) > 8e15) return refuse('date-invalid');
    const iso = new Date(Math.round(ms)).toISOString();
    if (!/^(19|20|21)\d\d-/.test(iso)) return refuse('date-invalid');
    return accept(days && Number.isInteger(number) ? iso.slice(0, 10) : iso);
  };
}
