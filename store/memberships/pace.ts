/** Judged in one transaction at most, beside events that come in. */
const MOST = 500;
const FEW = 50;
/** How long such a transaction is to take: events about the same people, and rules that change, wait for its end. */
const AIM_MS = 250;

export interface Pace {
  /**
   * `work` on as many people as are judged in a quarter of a second, as far as is known. `full`: there were as many, so that
   * its time tells what more would take.
   */
  keep<T>(work: (size: number) => Promise<T>, full: (done: T, size: number) => boolean): Promise<T>;
}

/** How many people are judged at once. Somebody with thousands of events takes a hundred times as long as others. */
export function createPace(clock: () => number = () => performance.now()): Pace {
  let size = FEW;
  return {
    async keep(work, full) {
      const asked = size;
      const began = clock();
      const done = await work(asked);
      const took = clock() - began;
      if (took > AIM_MS) size = Math.max(1, Math.floor((asked * AIM_MS) / took));
      else if (took < AIM_MS / 2 && full(done, asked)) size = Math.min(MOST, asked * 2);
      return done;
    },
  };
}
