import fc from 'fast-check';
import { CsvReader, type SourceRecord } from '../../../domain/profiles/csv-reader';

const read = (text: string, delimiter = ','): SourceRecord[] => new CsvReader(delimiter).push(text, true);

test('the line is where the record starts, through quoted breaks, blank lines and every kind of break', () => {
  expect(read('a,b\r\n1,"x\r\ny"\r\n\r\n2,"q ""r"", s"\r3,z\n4,')).toEqual([
    { line: 1, cells: ['a', 'b'] },
    { line: 2, cells: ['1', 'x\r\ny'] },
    { line: 5, cells: ['2', 'q "r", s'] },
    { line: 6, cells: ['3', 'z'] },
    { line: 7, cells: ['4', ''] },
  ]);
});

test('a broken quote costs its own line', () => {
  expect(read('a,b\n1,"q"oops\n2,k"k\n3,"never closed\n4,ok')).toEqual([
    { line: 1, cells: ['a', 'b'] },
    { line: 2, fault: 'quotes-broken' },
    { line: 3, cells: ['2', 'k"k'] },
    { line: 4, fault: 'quotes-broken' },
    { line: 5, cells: ['4', 'ok'] },
  ]);
});

test('an unclosed quote in a large file holds no more than one record in memory', () => {
  const reader = new CsvReader(',');
  const records = reader.push('a,b\n1,"open\n', false);
  for (let i = 0; i < 60_000; i += 1) records.push(...reader.push(`${i},some more text\n`, false));
  records.push(...reader.push('', true));
  expect(records[1]).toEqual({ line: 2, fault: 'quotes-broken' });
  expect(records).toHaveLength(60_002);
  expect(records.at(-1)).toEqual({ line: 60_002, cells: ['59999', 'some more text'] });
});

test('cut anywhere, the same records come out', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '\n', '\r', ' ', ';') });
  const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(
      fc.array(fc.array(cell, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 5 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.array(fc.nat(), { maxLength: 5 }),
      (rows, end, cuts) => {
        const text = rows.map((row) => row.map(quote).join(',')).join(end);
        const reader = new CsvReader(',');
        const places = [...new Set([0, text.length, ...cuts.map((c) => c % (text.length + 1))])].sort(
          (a, b) => a - b,
        );
        const pieces = places.slice(1).map((to, i) => text.slice(places[i], to));
        const records = [...pieces.flatMap((p) => reader.push(p, false)), ...reader.push('', true)];
        expect(records.map((r) => ('cells' in r ? r.cells : r.fault))).toEqual(rows);
      },
    ),
    { numRuns: 500 },
  );
});
