import type { WaveRef } from '../../activities/contract';
import { activities } from '../activity-groups';

/**
 * After a round: how many messages are open. Those that should have gone `lateAfterSeconds` ago are an incident, once a
 * day and wave: a campaign of a year may stall more than once.
 */
export function createEntriesWatch(lateAfterSeconds: number) {
  const alarmed = new Map<string, string>();
  return async ({ campaignId, step, wave }: WaveRef): Promise<number> => {
    const { open, late, words } = await activities.ledger.noteEntries({
      campaignId,
      step,
      wave,
      lateAfterSeconds,
    });
    const today = new Date(Date.now()).toISOString().slice(0, 10);
    if (late > 0 && alarmed.get(wave) !== today) {
      alarmed.set(wave, today);
      await activities.short.openIncident({
        campaignId,
        kind: `entries-late.${wave}.${today}`,
        message: words,
      });
    }
    return open;
  };
}
