import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BatchComposer, type ComposedBatch } from '../../../activities/profiles/batch-composer';
import type { ImportRow } from '../../../domain/profiles/row';
import type { WaitingRow, WaitingRows } from '../../../store/import-waiting';

const rowOf = (line: number, email: string): ImportRow => ({
  line,
  fields: { email },
  attributes: {},
  events: [],
  consents: [],
});

const nobody: WaitingRows = {
  put: () => Promise.reject(new Error('nobody has to wait')),
  all: async function* () {},
};

test('all rows of a person stand in one batch, in the order of the file', async () => {
  const batches: ComposedBatch[] = [];
  const composer = new BatchComposer(new Map([[1, 3]]), async (batch) => void batches.push(batch), nobody);
  for (let line = 2; line <= 5_001; line += 1) {
    const key = [2, 2_500, 4_500].includes(line) ? 1 : line;
    await composer.add({ ok: true, row: rowOf(line, `${key}@exemple.fr`) }, key);
  }
  await composer.end();
  const lines = batches.map(({ rows }) =>
    rows.filter((r) => r.fields.email === '1@exemple.fr').map((r) => r.line),
  );
  expect(lines.filter((found) => found.length > 0)).toEqual([[2, 2_500, 4_500]]);
  expect(batches.map(({ size }) => size).reduce((a, b) => a + b)).toBe(5_000);
});

test('a row that waits keeps nothing of the file but itself', async () => {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  const used = (): number => {
    if (typeof gc === 'function') gc();
    return process.memoryUsage().heapUsed;
  };
  const pieces = 120;
  const composer = new BatchComposer(
    new Map(Array.from({ length: pieces }, (_, i) => [i, 2])),
    async () => {},
    nobody,
  );
  const before = used();
  for (let i = 0; i < pieces; i += 1) {
    const piece = Buffer.alloc(512 * 1024, `client.number.${i}@exemple.fr,`).toString('latin1');
    void composer.add({ ok: true, row: rowOf(i, piece.slice(0, piece.indexOf(','))) }, i);
  }
  expect(used() - before).toBeLessThan(10 << 20);
  await composer.end();
});

test('more than memory holds wait elsewhere, and each person stands in one batch all the same', async () => {
  const [people, times, holds] = [3_000, 3, 50];
  const there: WaitingRow[] = [];
  let put = 0;
  const waiting: WaitingRows = {
    put: async (rows, from) => {
      expect(from).toBe(put);
      put += rows.length;
      there.push(...rows);
    },
    all: async function* () {
      yield* there.toSorted((a, b) => a.person - b.person || a.row.line - b.row.line);
    },
  };
  const batches: ComposedBatch[] = [];
  const composer = new BatchComposer(
    new Map(Array.from({ length: people }, (_, i) => [i, times])),
    async (batch) => void batches.push(batch),
    waiting,
    holds,
  );
  for (let line = 0; line < people * times; line += 1) {
    const person = line % people;
    await composer.add({ ok: true, row: rowOf(line, `${person}@exemple.fr`) }, person);
  }
  await composer.end();
  expect(put).toBeGreaterThanOrEqual((people - holds) * times);
  expect(batches.map(({ size }) => size).reduce((a, b) => a + b)).toBe(people * times);
  expect(Math.max(...batches.map(({ size }) => size))).toBeLessThan(2_100);
  const found = new Map<string, number[]>();
  for (const [i, { rows }] of batches.entries())
    for (const { fields, line } of rows) {
      const key = `${i} ${fields.email ?? ''}`;
      found.set(key, [...(found.get(key) ?? []), line]);
    }
  expect(found.size).toBe(people);
  for (const lines of found.values()) expect(lines).toEqual(lines.toSorted((a, b) => a - b));
});
