import { setTimeout as sleep } from 'node:timers/promises';
import { keepRunning, type Life } from '../../../stack/keep-running';

interface Double extends Life {
  end(by: string): void;
}

/** A process that is none. */
function life(pid: number, stopped: number[] = []): Double {
  let end: (by: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => (end = resolve));
  return {
    pid,
    logFile: `${pid}.log`,
    ended,
    end,
    stop: async () => {
      stopped.push(pid);
      end('SIGTERM');
    },
  };
}

test('a death is said with its log, a start that fails is tried again, and each life is told', async () => {
  const said: string[] = [];
  const started: number[] = [];
  const stopped: number[] = [];
  const first = life(1, stopped);
  let tries = 0;
  const kept = keepRunning(first, {
    what: 'PostgreSQL',
    again: async () => {
      tries += 1;
      if (tries === 1) throw new Error('still in use');
      return life(2, stopped);
    },
    started: (pid) => void started.push(pid),
    log: (line) => void said.push(line),
  });
  expect(kept.pid()).toBe(1);
  first.end('SIGKILL');
  await sleep(100);
  expect(kept.pid()).toBeUndefined();
  for (const giveUp = Date.now() + 10_000; kept.pid() === undefined && Date.now() < giveUp;) await sleep(20);
  expect(kept.pid()).toBe(2);
  expect(said).toEqual([
    'PostgreSQL ended unexpectedly (SIGKILL; see 1.log): starting it again in 0.5 s.',
    'PostgreSQL could not be started again (still in use): trying in 1 s.',
    'PostgreSQL runs again (pid 2).',
  ]);
  await kept.stop();
  expect(started).toEqual([1, 2]);
  expect(stopped).toEqual([2]);
  expect(said).toHaveLength(3);
});

test('a stop in the pause ends it there; one while it starts again stops what has just started', async () => {
  const stopped: number[] = [];
  const paused = life(1, stopped);
  let asked = 0;
  const quiet = { what: 'Temporal', started: () => undefined, log: () => undefined };
  const inPause = keepRunning(paused, {
    ...quiet,
    again: async () => {
      asked += 1;
      return life(2, stopped);
    },
  });
  paused.end('code 1');
  await sleep(20);
  await inPause.stop();
  expect(asked).toBe(0);

  const starting = life(3, stopped);
  let ready: (next: Life) => void = () => undefined;
  const inStart = keepRunning(starting, {
    ...quiet,
    again: () =>
      new Promise((resolve) => {
        asked += 1;
        ready = resolve;
      }),
  });
  starting.end('code 1');
  for (const giveUp = Date.now() + 10_000; asked === 0 && Date.now() < giveUp;) await sleep(20);
  const stop = inStart.stop();
  ready(life(4, stopped));
  await stop;
  expect(stopped).toEqual([4]);
  expect(inStart.pid()).toBeUndefined();
});
