import { isCancellation, sleep } from '@temporalio/workflow';
import type { WaveRef } from '../../activities/contract';
import { activities } from '../activity-groups';

/** A deadline is looked at some twenty times, and not more often than every half minute. */
const LOOKS = 20;
const LEAST_MS = 30_000;

/**
 * Opens an incident, once, when the rate of the ledger says that a wave will miss its deadline. A look that fails is
 * followed by the next: a fault of an hour must not leave the rest of a day unwatched.
 */
export async function watchDeadline({ campaignId, step, wave }: WaveRef, deadlineAt: string): Promise<void> {
  const leftMs = (): number => Date.parse(deadlineAt) - Date.now();
  const everyMs = Math.max(LEAST_MS, Math.ceil(leftMs() / LOOKS));
  while (leftMs() > everyMs) {
    await sleep(everyMs, { summary: 'deadline watch' });
    try {
      const { late, words } = await activities.ledger.judgeDeadline({ campaignId, step, wave });
      if (!late) continue;
      await activities.short.openIncident({ campaignId, kind: `wave-late.${wave}`, message: words });
      return;
    } catch (fault) {
      if (isCancellation(fault)) throw fault;
    }
  }
}
