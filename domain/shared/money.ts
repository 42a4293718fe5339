import { z } from 'zod';

/** The bolívar's code since 2021 is not in CLDR; the units of account (XDR, XSU) are nobody's money. */
const CURRENCIES: ReadonlySet<string> = new Set(
  [...Intl.supportedValuesOf('currency'), 'VED'].filter((code) => !['XDR', 'XSU'].includes(code)),
);

/** Whether it is the code of a currency (ISO 4217, today's or a former one). */
export const isCurrency = (code: string): boolean => CURRENCIES.has(code);

export const currencySchema = z
  .string()
  .regex(/^[A-Z]{3}$/, 'an ISO 4217 code')
  .refine(isCurrency, 'no currency has this code');

/**
 * Currencies with another number of decimals than two by ISO 4217 (table A.1). Not taken from Intl, which has CLDR's: what
 * is shown by habit (forints, pesos and rupiahs without decimals), not the minor unit that amounts are exchanged in.
 */
const DECIMALS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF',
    3: 'BHD IQD JOD KWD LYD OMR TND',
  }).flatMap(([decimals, codes]) => codes.split(' ').map((code) => [code, Number(decimals)] as const)),
);

/** Decimals of a currency by ISO 4217: EUR 2, JPY 0, KWD 3. */
export const decimalsOf = (currency: string): number => DECIMALS.get(currency) ?? 2;

const SYMBOLS: Readonly<Record<string, readonly string[]>> = {
  EUR: ['€'],
  GBP: ['£'],
  USD: ['$', 'US$'],
  CHF: ['Fr.', 'fr.'],
  JPY: ['¥'],
};

/** Largest amount, in minor units: beyond what anybody buys, and hundreds of them still add up to an exact number. */
export const MOST_UNITS = 1e13;

/**
 * An amount as people write it (`1 234,50 €`, `EUR 12.5`, `-3`) in minor units of its currency; null where it is none, or
 * leaves room for a guess: thousands are set apart by spaces alone, and no decimal is dropped. Read from the digits, because
 * 142.44 as a float times 100 is 14243.999….
 */
export function minorUnits(text: string, currency: string): number | null {
  if (!isCurrency(currency)) return null;
  let amount = text.trim();
  for (const mark of [currency, ...(SYMBOLS[currency] ?? [])]) {
    if (amount.startsWith(mark)) amount = amount.slice(mark.length).trim();
    else if (amount.endsWith(mark)) amount = amount.slice(0, -mark.length).trim();
    else continue;
    break;
  }
  const match = /^([+-]?)(\d{1,3}(?:[\s\u00a0\u202f]\d{3})+|\d+)(?:[.,](\d+))?$/.exec(amount);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  const decimals = decimalsOf(currency);
  if (fraction.length > decimals) return null;
  const units = Number(whole.replace(/\D/g, '') + fraction.padEnd(decimals, '0'));
  if (units > MOST_UNITS) return null;
  return sign === '-' && units !== 0 ? -units : units;
}
