import { areaName } from '../../../domain/profiles/area';
import type { MadeUp } from '../../../sandbox/audience/demo-mapping';
import { tableAsCsv, withMadeUpColumns } from '../../../sandbox/audience/made-up';
import { csvLine, readCsv } from '../../../sandbox/support/csv';

const NOW = Date.parse('2026-03-02T10:00:00Z');
const madeUp: MadeUp = {
  seed: 's',
  columns: {
    key: { kind: 'customer-key', prefix: 'H' },
    email: { kind: 'email', domain: 'people.example', unknownShare: 0.1 },
    area: { kind: 'area', weights: 'departements' },
    consent: { kind: 'one-of', shares: { yes: 0.7, no: 0.2, '': 0.1 } },
    until: { kind: 'day', daysAgo: [-10, 10], onlyWith: 'consent' },
  },
};
const file = `recency,band,zip\r\n${Array.from({ length: 3_000 }, (_, i) => csvLine([String(i), '6) $750 - $1,000', 'Surburban'])).join('')}`;

describe('made-up columns', () => {
  const table = withMadeUpColumns(readCsv(file), { madeUp, run: 1, nowMs: NOW });
  const cells = (column: string): string[] =>
    table.rows.map((row) => row[table.header.indexOf(column)] ?? '?');

  test('stand after those of the file, which stay as they are', () => {
    expect(table.header).toEqual(['recency', 'band', 'zip', 'key', 'email', 'area', 'consent', 'until']);
    const again = readCsv(tableAsCsv(table));
    expect(again.rows).toEqual(table.rows);
    expect(again.rows[7]?.slice(0, 3)).toEqual(['7', '6) $750 - $1,000', 'Surburban']);
  });

  test('are the same at every reading', () => {
    expect(withMadeUpColumns(readCsv(file), { madeUp, run: 1, nowMs: NOW })).toEqual(table);
    const other = withMadeUpColumns(readCsv(file), { madeUp: { ...madeUp, seed: 't' }, run: 1, nowMs: NOW });
    expect(other.rows).not.toEqual(table.rows);
  });

  test('a second demonstration has other people', () => {
    const second = withMadeUpColumns(readCsv(file), { madeUp, run: 2, nowMs: NOW });
    const keys = new Set(second.rows.map((row) => row[3]));
    for (const key of cells('key')) expect(keys).not.toContain(key);
  });

  test('hold what was asked for', () => {
    expect(new Set(cells('key')).size).toBe(3_000);
    expect(
      cells('email').filter((email) => email.endsWith('@introuvable.example')).length / 3_000,
    ).toBeCloseTo(0.1, 1);
    expect(cells('area').every((code) => areaName(code) !== null)).toBe(true);
    expect(cells('consent').filter((said) => said === 'yes').length / 3_000).toBeCloseTo(0.7, 1);
    cells('until').forEach((day, i) => expect(day === '').toBe(cells('consent')[i] === ''));
    const days = cells('until')
      .filter((day) => day !== '')
      .sort();
    expect(days[0]).toBe('2026-02-20');
    expect(days.at(-1)).toBe('2026-03-12');
  });

  test('a column of the file is never made up', () => {
    const clash: MadeUp = { seed: 's', columns: { band: { kind: 'customer-key', prefix: 'H' } } };
    expect(() => withMadeUpColumns(readCsv(file), { madeUp: clash, run: 1, nowMs: NOW })).toThrow(/band/);
  });
});
