/** Runs tasks, at most so many at once, in the order they came. */
export interface TaskQueue {
  add(task: () => Promise<void>): void;
  /** Waiting and running. */
  readonly size: number;
  /** Resolves when nothing is left. */
  idle(): Promise<void>;
}

/** A task's fault is told to `onFault` and stops nothing else. */
export function createTaskQueue(atOnce: number, onFault: (fault: unknown) => void): TaskQueue {
  const waiting: (() => Promise<void>)[] = [];
  const waiters: (() => void)[] = [];
  let running = 0;
  const next = (): void => {
    while (running < atOnce) {
      const task = waiting.shift();
      if (!task) break;
      running += 1;
      task()
        .catch(onFault)
        .finally(() => {
          running -= 1;
          next();
        });
    }
    if (running === 0 && waiting.length === 0) for (const done of waiters.splice(0)) done();
  };
  return {
    add(task) {
      waiting.push(task);
      next();
    },
    get size() {
      return waiting.length + running;
    },
    idle: () =>
      running + waiting.length === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve)),
  };
}
