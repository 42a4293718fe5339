import { copyRows } from '../../../store/copy-rows';
import { databaseForEach } from '../../support/database';

const database = databaseForEach(2);

test('what is put in by copy comes out to the letter', async () => {
  const { app } = database.db;
  const texts = ['plain', '\\N', '\\.', 'tab\there', 'line\nbreak\r', 'back\\slash', 'é 😀', ''];
  const read = await app.begin(async (tx) => {
    await tx`create temporary table told (n int, text text) on commit drop`;
    await copyRows(tx, tx`copy told (n, text) from stdin`, [
      ...texts.map((text, n) => [n, text]),
      [texts.length, null],
      [texts.length + 1, undefined],
    ]);
    return tx<{ text: string | null }[]>`select text from told order by n`;
  });
  expect(read.map(({ text }) => text)).toEqual([...texts, null, null]);
});

test.each<[string, readonly (readonly (string | number)[])[]]>([
  ['a key that is there already', [[1], [1]]],
  ['a value of another type', [[1], ['x']]],
  ['a cell too many', [[1, 2]]],
])(
  '%s is the fault of the transaction, told at once',
  async (_name, rows) => {
    const { app } = database.db;
    await expect(
      app.begin(async (tx) => {
        await tx`create temporary table told (n int primary key) on commit drop`;
        await copyRows(tx, tx`copy told (n) from stdin`, rows);
      }),
    ).rejects.toThrow();
    expect((await app`select 1 as n`)[0]?.['n']).toBe(1);
  },
  10_000,
);
