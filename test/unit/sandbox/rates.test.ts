import { existsSync, readFileSync } from 'node:fs';
import { fromRoot } from '../../../config/paths';
import { demoMappingSchema, type FileAnswers } from '../../../sandbox/audience/demo-mapping';
import { createBehaviour, type Person } from '../../../sandbox/people/behaviour';
import { declaredRates, kindOf, ratesFromFile } from '../../../sandbox/people/rates';
import { readCsv } from '../../../sandbox/support/csv';

const answers: FileAnswers = {
  from: 'file',
  armColumn: 'segment',
  armValues: { A: 'a', None: null },
  kindColumns: ['newbie', 'band'],
  outcomes: [
    { event: 'visit', column: 'visit' },
    { event: 'purchase', column: 'bought', valueColumn: 'spend', currency: 'EUR' },
  ],
  mail: { readShare: 0.4, picturesShare: 0.6, followShare: 0.8, unsubscribeRate: 0.01 },
};

const file = `segment,newbie,band,visit,bought,spend
A,1,"6) $750 - $1,000",1,1,29.99
A,1,"6) $750 - $1,000",1,0,0
A,1,"6) $750 - $1,000",0,0,0
A,1,"6) $750 - $1,000",0,0,0
A,0,low,1,0,0
None,1,"6) $750 - $1,000",0,0,0
None,1,"6) $750 - $1,000",1,0,0
`;

describe('rates counted from a file', () => {
  const rates = ratesFromFile(readCsv(file), answers);
  const kind = '1 · 6) $750 - $1,000';

  test('by arm and kind, with a comma inside quotes', () => {
    expect(rates.rate('visit', 'a', kind)).toBe(0.5);
    expect(rates.rate('purchase', 'a', kind)).toBe(0.25);
    expect(rates.rate('visit', null, kind)).toBe(0.5);
    expect(rates.rate('purchase', null, kind)).toBe(0);
    expect(rates.value('purchase', 'a', kind, 0.99)).toEqual({ cents: 2_999, currency: 'EUR' });
  });

  test('a kind an arm never had does as its arm does on the whole', () => {
    expect(rates.rate('visit', null, '0 · low')).toBe(0.5);
    expect(rates.rate('visit', 'a', 'unheard of')).toBe(0.6);
  });

  test('an arm that is not listed and a column that is missing are said', () => {
    expect(() => ratesFromFile(readCsv(file.replace('None', 'Both')), answers)).toThrow(/armValues/);
    expect(() => ratesFromFile(readCsv(file.replace('band', 'bond')), answers)).toThrow(/band/);
  });
});

test('declared rates fall back to every other kind, and to those who got nothing', () => {
  const rates = declaredRates({
    from: 'declared',
    kindColumns: ['tier'],
    outcomes: [{ event: 'visit', rates: { none: { '*': 0.1 }, a: { gold: 0.4, '*': 0.2 } } }],
    mail: answers.mail,
  });
  expect(rates.rate('visit', 'a', 'gold')).toBe(0.4);
  expect(rates.rate('visit', 'a', 'tin')).toBe(0.2);
  expect(rates.rate('visit', 'b', 'gold')).toBe(0.1);
  expect(rates.rate('visit', null, 'gold')).toBe(0.1);
});

const hillstrom = fromRoot('..', 'shared', 'data', 'hillstrom.csv');
const there = existsSync(hillstrom);
if (!there)
  process.stderr.write(
    `hillstrom.csv is not beside the project: the counts of the real file are not checked.\n`,
  );

// Not `describe.skip`: what stands in it reads the file whether or not it runs.
if (there) describe('the 64,000 of Hillstrom', ofTheFile);
else test.skip('the 64,000 of Hillstrom', () => {});

function ofTheFile(): void {
  const mapping = demoMappingSchema.parse(
    JSON.parse(readFileSync(fromRoot('examples', 'hillstrom', 'mapping.json'), 'utf8')),
  );
  const fileAnswers = mapping.answers;
  if (fileAnswers.from !== 'file') throw new Error('the example takes its rates from the file');
  const table = readCsv(readFileSync(hillstrom, 'utf8'));
  const rates = ratesFromFile(table, fileAnswers);
  const at = (column: string): number => table.header.indexOf(column);
  const kindsOf = (row: readonly string[]): string =>
    kindOf(fileAnswers.kindColumns, (column) => row[at(column)] ?? '');

  test('every row is read', () => {
    expect(table.rows).toHaveLength(64_000);
    expect(table.unreadable).toBe(0);
    expect(new Set(table.rows.map((row) => row[at('history_segment')])).size).toBe(7);
  });

  test.each([
    ['Mens E-Mail', 'mens', 21_307, 3_894, 267],
    ['Womens E-Mail', 'womens', 21_387, 3_238, 189],
    ['No E-Mail', null, 21_306, 2_262, 122],
  ] as const)('the rates of %s add up to what the file counts', (cell, arm, people, visits, purchases) => {
    const mine = table.rows.filter((row) => row[at('segment')] === cell);
    expect(mine).toHaveLength(people);
    const sum = (event: string): number =>
      mine.reduce((n, row) => n + rates.rate(event, arm, kindsOf(row)), 0);
    expect(sum('visit')).toBeCloseTo(visits, 6);
    expect(sum('purchase')).toBeCloseTo(purchases, 6);
  });

  test('drawn for everybody, each arm comes out as in the file', () => {
    const behaviour = createBehaviour(rates, fileAnswers.mail, 'hillstrom-1/1');
    const people = table.rows.map((row, i): Person => ({
      customerKey: `H${i}`,
      email: '',
      kind: kindsOf(row),
    }));
    const share = (arm: string | null, event: string): number =>
      people.filter((person) => behaviour.deeds(person, arm).some((deed) => deed.event === event)).length /
      people.length;
    // Three standard errors of 64,000 draws are under half a point.
    expect(Math.abs(share('mens', 'visit') - 0.1828)).toBeLessThan(0.005);
    expect(Math.abs(share('womens', 'visit') - 0.1514)).toBeLessThan(0.005);
    expect(Math.abs(share(null, 'visit') - 0.1062)).toBeLessThan(0.005);
    expect(Math.abs(share('mens', 'purchase') - 0.0125)).toBeLessThan(0.0015);
  });
}
