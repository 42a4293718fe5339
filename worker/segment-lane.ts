import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { namesOf } from '../activities/failure';
import type { MembershipsStore } from '../store/memberships-store';

export interface SegmentLaneDeps {
  readonly memberships: MembershipsStore;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Ends the lane; the transaction at work is waited for. */
  readonly signal: AbortSignal;
  /** How long nobody has to be judged before it is asked again: how late a segment may be by the clock. */
  readonly pollMs?: number;
}

/**
 * Keeps segments true beside the events that are judged as they come: people whom something has changed about, people for
 * whom a day has passed, and versions that went live. Any number may run at once: each person is judged by one.
 */
export async function runSegmentLane({
  memberships,
  log,
  signal,
  pollMs = 250,
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
  return 0;
}
