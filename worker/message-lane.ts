import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import {
  LANE_KEY,
  reclaimMessages,
  sendMessages,
  type MessageLaneDeps,
} from '../activities/delivery/send-messages';
import type { ShardSession } from '../store/delivery-store';
import type { MessagesStore } from '../store/messages-store';

export interface LaneOptions extends MessageLaneDeps {
  readonly messages: MessagesStore;
  readonly log: Pick<Logger, 'warn'>;
  /** Ends the loop; what is on the wire is finished first. */
  readonly signal: AbortSignal;
  /** How long a message may wait where its wake-up was lost, and how often a lane that stands by asks again. */
  readonly restMs?: number;
}

/**
 * Service messages, beside every campaign: their own connections, no queue in front of them. Any number of workers may
 * run it; the lock lets one send and the others stand by. A message is woken for as it is written.
 */
export async function runMessageLane(options: LaneOptions): Promise<void> {
  const { deps, messages, log, signal, restMs = 1_000 } = options;
  const bell = createBell();
  const deaf = await messages.listen(bell.ring).catch(() => null);
  let session: ShardSession | null = null;
  let reclaimed = new Set<string>();
  while (!signal.aborted) {
    try {
      if (session === null) {
        session = await deps.store.openSession(LANE_KEY);
        reclaimed = new Set();
      }
      if (session !== null && (await round(options, session, reclaimed)) > 0) continue;
    } catch (error) {
      log.warn(
        { err: error instanceof Error ? error.name : 'unknown' },
        'the lane of service messages stumbled; it begins again',
      );
      await session?.close().catch(() => undefined);
      session = null;
    }
    await bell.rung(restMs, signal);
  }
  await session?.close();
  await deaf?.();
}

async function round(options: LaneOptions, session: ShardSession, reclaimed: Set<string>): Promise<number> {
  let asked = 0;
  for (const campaignId of await options.messages.waitingCampaigns()) {
    if (!reclaimed.has(campaignId)) {
      await reclaimMessages(options, session, campaignId);
      reclaimed.add(campaignId);
    }
    asked += await sendMessages(options, session, campaignId);
  }
  return asked;
}

/** Remembers a ring that came while nobody waited. */
function createBell() {
  let rang = false;
  let wake = (): void => {};
  return {
    ring: (): void => {
      rang = true;
      wake();
    },
    async rung(ms: number, signal: AbortSignal): Promise<void> {
      if (!rang) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const resting = new AbortController();
        await Promise.race([
          woken,
          sleep(ms, undefined, { signal: AbortSignal.any([signal, resting.signal]) }).catch(() => undefined),
        ]);
        resting.abort();
      }
      rang = false;
    },
  };
}
