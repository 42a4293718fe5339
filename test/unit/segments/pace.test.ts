import { createPace } from '../../../store/memberships/pace';

/** Judges as many as it is given, each for so long. */
function working(msEach: () => number) {
  let now = 0;
  const pace = createPace(() => now);
  return (waiting = Infinity): Promise<number> =>
    pace.keep(
      (size) => {
        const done = Math.min(size, waiting);
        now += done * msEach();
        return Promise.resolve(done);
      },
      (done, size) => done === size,
    );
}

test('as many at once as take a quarter of a second, and no more than five hundred', async () => {
  let each = 0.1;
  const judge = working(() => each);
  const sizes = async (times: number): Promise<number[]> => {
    const seen: number[] = [];
    for (let i = 0; i < times; i += 1) seen.push(await judge());
    return seen;
  };
  expect(await sizes(6)).toEqual([50, 100, 200, 400, 500, 500]);
  each = 10;
  expect(await sizes(3)).toEqual([500, 25, 25]);
  each = 1_000;
  expect(await sizes(3)).toEqual([25, 1, 1]);
  each = 1;
  expect(await sizes(9)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 128]);
});

test('a queue that is shorter tells nothing of a longer one', async () => {
  const judge = working(() => 0.1);
  for (let i = 0; i < 10; i += 1) await judge(3);
  expect(await judge()).toBe(50);
});
