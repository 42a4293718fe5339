import { setTimeout as sleep } from 'node:timers/promises';
import type { ProviderRate } from './provider-rate';
import type { WireSlots } from './wire-slots';

/** Answers that come together are recorded together; a slow one holds up the others this long at most. */
const GATHER_MS = 4;

/** Waits for answers: half of what is out, or whatever came within a few milliseconds of the first. */
export async function gather(wire: ReadonlySet<Promise<void>>, finished: readonly unknown[]): Promise<void> {
  const half = Math.ceil(wire.size / 2);
  await Promise.race(wire);
  if (finished.length < half && wire.size > 0) await Promise.race([sleep(GATHER_MS), Promise.all(wire)]);
}

/** Another shard holds every slot just now, or the provider's bucket is empty. */
export const yieldFor = async (slots: WireSlots, rate: ProviderRate | null): Promise<void> => {
  const free = slots.take(1);
  if (free === 0)
    return void (await Promise.race([slots.changed(), sleep(1_000, undefined, { ref: false })]));
  slots.give(free);
  if (rate !== null) await sleep(rate.waitMs);
};

/** As long as nobody wishes to stop. */
export async function pause(ms: number, wish: () => unknown): Promise<void> {
  for (const until = Date.now() + ms; Date.now() < until && wish() === null;) await sleep(Math.min(250, ms));
}
