import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { namesOf } from '../activities/failure';
import type { Refreshes } from '../store/derived/refresh';
import type { MembershipsStore } from '../store/memberships-store';
import { every } from './every';

export interface SegmentLaneDeps {
  readonly memberships: MembershipsStore;
  readonly refreshes: Refreshes;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Ends the lane; the transaction at work is waited for. */
  readonly signal: AbortSignal;
  /** How often it is asked whether what hangs on everybody is a day old. */
  readonly refreshEveryMs?: number;
  /** How long nobody has to be judged before it is asked again: how late a segment may be by the clock. */
  readonly pollMs?: number;
}

/**
 * Keeps segments true beside the events that are judged as they come: people whom something has changed about, people for
 * whom a day has passed, versions that went live, and once a day what hangs on everybody at once. Any number may run at
 * once: each person is judged by one.
 */
export async function runSegmentLane({
  memberships,
  refreshes,
  log,
  signal,
  pollMs = 250,
  refreshEveryMs = 60_000,
}: SegmentLaneDeps): Promise<void> {
  const following = async (work: () => Promise<number>): Promise<void> => {
    while (!signal.aborted) {
      const looked = await work().catch((error: unknown) => {
        log.warn({ err: namesOf(error).name }, 'people could not be judged; they are taken again');
        return 0;
      });
      if (looked === 0) await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
  };
  await Promise.all([
    following(() => memberships.judgeTouched()),
    following(() => memberships.judgeDue()),
    following(() => buildOne(memberships, log, signal)),
    every(refreshEveryMs, signal, log, () => refresh(refreshes, log, signal)),
  ]);
}

async function buildOne(
  memberships: MembershipsStore,
  log: Pick<Logger, 'info'>,
  signal: AbortSignal,
): Promise<number> {
  for (const key of await memberships.unbuilt()) {
    const changes = await memberships.build(key, signal);
    if (changes === null) continue;
    log.info({ segment: key, changes }, 'the members of a segment were found');
    return 1;
  }
  return memberships.clearRetired();
}

const DAY_MINUTES = 1_440;
/** Until there are customers to tell bands of. */
const FIRST_MINUTES = 10;

/** Means after the values they are taken of; one that a rule has come to name since is not waited for. */
async function refresh(refreshes: Refreshes, log: Pick<Logger, 'info'>, signal: AbortSignal): Promise<void> {
  await refreshes.inTurn('value', (await refreshes.banded()) ? DAY_MINUTES : FIRST_MINUTES, async () => {
    const told = await refreshes.value({ stopping: signal });
    if (told !== null) log.info({ told }, 'what people are worth was told anew');
    return told !== null;
  });
  if (await refreshes.meansMissing()) await refreshes.means();
  await refreshes.inTurn('means', DAY_MINUTES, async () => {
    await refreshes.means();
    return true;
  });
}
