import fc from 'fast-check';
import { decimalsOf, isCurrency, minorUnits } from '../../../domain/shared/money';

test.each<[string, string, number | null]>([
  ['12.50', 'EUR', 1_250],
  ['1 234,5', 'EUR', 123_450],
  ['1\u202f234,56 €', 'EUR', 123_456],
  ['EUR 12', 'EUR', 1_200],
  ['-3,07', 'EUR', -307],
  ['-0.00', 'EUR', 0],
  ['142.44', 'USD', 14_244],
  ['$19.99', 'USD', 1_999],
  ['1200', 'JPY', 1_200],
  ['1200.5', 'JPY', null],
  ['1.234', 'KWD', 1_234],
  ['1,234', 'EUR', null],
  ['1,234.50', 'EUR', null],
  ['12 34', 'EUR', null],
  ['12.345', 'EUR', null],
  ['12 €', 'USD', null],
  ['', 'EUR', null],
  ['1e3', 'EUR', null],
  ['99999999999999999', 'EUR', null],
  ['12', 'XXZ', null],
])('%s in %s is %s', (text, currency, units) => {
  expect(minorUnits(text, currency)).toBe(units);
});

test('decimals are those of ISO 4217', () => {
  expect(['EUR', 'JPY', 'KWD', 'CLP', 'CHF'].map(decimalsOf)).toEqual([2, 0, 3, 0, 2]);
  // Where CLDR, and so Intl, says 0 by habit.
  expect(['IQD', 'HUF', 'COP', 'IDR', 'PKR', 'LBP'].map(decimalsOf)).toEqual([3, 2, 2, 2, 2, 2]);
  expect(['EUR', 'VED', 'ZZZ', 'eur', 'XDR'].map(isCurrency)).toEqual([true, true, false, false, false]);
});

test('what is written out comes back to the unit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e12, max: 1e12 }),
      fc.constantFrom('EUR', 'JPY', 'KWD'),
      (units, currency) => {
        const decimals = decimalsOf(currency);
        const digits = String(Math.abs(units)).padStart(decimals + 1, '0');
        const cut = digits.length - decimals;
        const text = `${units < 0 ? '-' : ''}${digits.slice(0, cut)}${decimals === 0 ? '' : `,${digits.slice(cut)}`}`;
        expect(minorUnits(text, currency)).toBe(units + 0);
      },
    ),
  );
});
