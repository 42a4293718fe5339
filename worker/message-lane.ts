import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { reclaimMessages, sendMessages, type MessageLaneDeps } from '../activities/delivery/send-messages';
import { LANE_KEY } from '../store/delivery/claim-messages';
import type { ShardSession } from '../store/delivery-store';
import type { MessagesStore } from '../store/messages-store';

export interface LaneOptions extends MessageLaneDeps {
  readonly messages: MessagesStore;
  readonly log: Pick<Logger, 'warn'>;
  /** A provider fails and fails: somebody is called. */
  readonly onBreaker: (campaignId: string) => Promise<void>;
  /** Ends the loop; what is on the wire is finished first. */
  readonly signal: AbortSignal;
  /** How long a message may wait where its wake-up was lost, and how often a lane that stands by asks again. */
  readonly restMs?: number;
}

/** How long the lane leaves a provider alone that fails. */
const BREAKER_REST_MS = 15_000;

/**
 * Service messages, beside every campaign: their own connections, no queue in front of them. Any number of workers may
 * run it; the lock lets one send and the others stand by. A message is woken for as it is written.
 */
export async function runMessageLane(options: LaneOptions): Promise<void> {
  const { deps, messages, log, signal, restMs = 1_000 } = options;
  const bell = createBell();
  const deaf = await messages.listen(bell.ring).catch(() => {
    log.warn({}, 'nobody rings for service messages: they are looked for each second instead');
    return null;
  });
  let session: ShardSession | null = null;
  let reclaimed = new Set<string>();
  while (!signal.aborted) {
    try {
      if (session === null) {
        session = await deps.store.openSession(LANE_KEY);
        reclaimed = new Set();
      }
      if (session !== null) {
        const { handed, broken } = await round(options, session, reclaimed);
        if (broken) await sleep(BREAKER_REST_MS, undefined, { signal }).catch(() => undefined);
        else if (handed > 0) continue;
      }
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

async function round(
  options: LaneOptions,
  session: ShardSession,
  reclaimed: Set<string>,
): Promise<{ handed: number; broken: boolean }> {
  let handed = 0;
  for (const { campaignId, aborted } of await options.messages.waitingCampaigns()) {
    if (!reclaimed.has(campaignId)) {
      await reclaimMessages(options, session, campaignId);
      reclaimed.add(campaignId);
    }
    if (aborted) {
      await options.deps.store.skipMessages(campaignId, 'aborted');
      continue;
    }
    const sent = await sendMessages(options, session, campaignId);
    handed += sent.handed;
    if (sent.stop === 'breaker') {
      await options.onBreaker(campaignId);
      return { handed, broken: true };
    }
  }
  return { handed, broken: false };
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
