import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BatchComposer, type ComposedBatch } from '../../../activities/profiles/batch-composer';
import type { ImportRow } from '../../../domain/profiles/row';

const rowOf = (line: number, email: string): ImportRow => ({
  line,
  fields: { email },
  attributes: {},
  events: [],
  consents: [],
});

test('all rows of a person stand in one batch, in the order of the file', async () => {
  const batches: ComposedBatch[] = [];
  const composer = new BatchComposer(new Map([[1, 3]]), async (batch) => void batches.push(batch));
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
  );
  const before = used();
  for (let i = 0; i < pieces; i += 1) {
    const piece = Buffer.alloc(512 * 1024, `client.number.${i}@exemple.fr,`).toString('latin1');
    void composer.add({ ok: true, row: rowOf(i, piece.slice(0, piece.indexOf(','))) }, i);
  }
  expect(used() - before).toBeLessThan(10 << 20);
  await composer.end();
});
