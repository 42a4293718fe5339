import { setImmediate as soon } from 'node:timers/promises';
import { grouped } from '../../../store/grouped';

test('one at a time, what came in meanwhile together, each with its own answer', async () => {
  const groups: number[][] = [];
  let writing = 0;
  const double = grouped(async (items: readonly number[]) => {
    expect((writing += 1)).toBe(1);
    groups.push([...items]);
    await soon();
    writing -= 1;
    return items.map((item) => item * 2);
  });
  const items = Array.from({ length: 600 }, (_, n) => n);
  expect(await Promise.all(items.map((item) => double(item)))).toEqual(items.map((item) => item * 2));
  expect(groups.flat()).toEqual(items);
  expect(groups.length).toBeLessThan(6);
});

test('nobody is answered before their own group is written', async () => {
  let release = (): void => {};
  const written = new Promise<void>((resolve) => (release = resolve));
  let answered = false;
  const write = grouped(async (items: readonly string[]) => {
    await written;
    return items;
  });
  const waiting = write('a').then(() => (answered = true));
  await soon();
  expect(answered).toBe(false);
  release();
  await waiting;
});

test('one that cannot be written fails alone, and the next group goes on', async () => {
  const write = grouped((items: readonly number[]) =>
    items.includes(13) ? Promise.reject(new Error('unlucky')) : Promise.resolve(items),
  );
  const settled = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => write(n)));
  expect(settled.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))).toEqual([13]);
  expect(await write(21)).toBe(21);
});

test('a writer that forgets somebody is a fault, not a silence', async () => {
  const write = grouped((_: readonly number[]) => Promise.resolve([]));
  await expect(write(1)).rejects.toThrow('one by one');
});
