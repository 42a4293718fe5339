import type { Refreshes } from '../store/derived/refresh';
import type { DataQualityStore } from '../store/data-quality-store';
import { namesOf } from '../activities/failure';
import { tellLateFeeds, type LateFeedsDeps } from './late-feeds';

export interface PeopleDutiesDeps extends LateFeedsDeps {
  readonly refreshes: Pick<Refreshes, 'inTurn'>;
  readonly quality: Pick<DataQualityStore, 'count'>;
  readonly sweepShared: () => Promise<unknown>;
  readonly bringStragglers: () => Promise<unknown>;
}

const HOUR_MINUTES = 60;
/** A little less than a day: one that slips past midnight would leave a day without its count. */
const DAY_MINUTES = 1_430;

/** One round of what goes on around people by itself, each part by one worker at a time; one that fails holds up no other. */
export async function doPeopleDuties(deps: PeopleDutiesDeps, now: Date): Promise<void> {
  const duties: readonly (readonly [string, number, () => Promise<unknown>])[] = [
    ['late-feeds', 1, () => tellLateFeeds(deps, now)],
    ['merge-stragglers', 1, deps.bringStragglers],
    ['shared-values', HOUR_MINUTES, deps.sweepShared],
    ['data-quality', DAY_MINUTES, () => deps.quality.count(now.toISOString().slice(0, 10))],
  ];
  for (const [name, minutes, work] of duties)
    await deps.refreshes
      .inTurn(name, minutes, async () => {
        await work();
        return true;
      })
      .catch((error: unknown) =>
        deps.log.warn(
          { duty: name, err: namesOf(error).name },
          'a duty about people failed; it is tried again',
        ),
      );
}
