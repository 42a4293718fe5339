import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { namesOf } from '../activities/failure';
import { createDomainPlaces } from '../activities/delivery/domain-places';
import { createLaneChannels } from '../activities/delivery/lane-channels';
import {
  openCampaign,
  reclaimMessages,
  type ClaimedForLane,
  type MessageLaneDeps,
} from '../activities/delivery/send-messages';
import type { ClaimedDelivery } from '../store/delivery/claim';
import { LANE_KEY } from '../store/delivery/claim-messages';
import type { ShardSession } from '../store/delivery-store';
import type { MessagesStore } from '../store/messages-store';
import { createBell } from './bell';

export interface LaneOptions extends MessageLaneDeps {
  readonly messages: MessagesStore;
  readonly log: Pick<Logger, 'warn'>;
  /** A provider fails and fails: somebody is called. */
  readonly onBreaker: (campaignId: string) => Promise<void>;
  /** Ends the loop; what is on the wire is given some seconds to finish. */
  readonly signal: AbortSignal;
  /** How long a message may wait where its wake-up was lost, and how often a lane that stands by asks again. */
  readonly restMs?: number;
}

/** Claimed at once, however many places are free: a claim holds the rows of its people. */
const MOST_CLAIMED = 50;
/** What hangs for longer than that at a shutdown is left to the next lane, as after a kill. */
const LAST_ANSWERS_MS = 10_000;

/** What the lane knows as long as it holds its lock. */
interface Watch {
  readonly session: ShardSession;
  /** Those whose leftovers are settled. */
  readonly campaigns: Map<string, LaneCampaign>;
  /** A message on its way found its lock lost. */
  lost: boolean;
}

interface LaneCampaign {
  /** Steps of messages of which the ledger has news. */
  told: string[];
  /** The last claim's number, over all campaigns. */
  turn: number;
  /** The caller it ended with. */
  after: string;
}

/**
 * Service messages, beside every campaign: their own connections, no queue in front of them, and nobody waits for the
 * answer to another's. Campaigns are looked at in turn, each gets its share of the places that are free, and a place that
 * a slow server holds is missing to nobody else. Any number of workers may run it; the lock lets one send and the others
 * stand by. A message is woken for as it is written.
 */
export async function runMessageLane(options: LaneOptions): Promise<void> {
  const { deps, messages, log, signal, restMs = 1_000 } = options;
  const bell = createBell();
  const deaf = await messages.listen(bell.ring).catch(() => {
    log.warn({}, 'nobody rings for service messages: they are looked for each second instead');
    return null;
  });
  const flights = createFlights(options, bell.ring);
  let watch: Watch | null = null;
  while (!signal.aborted) {
    try {
      if (watch?.lost === true) throw new Error('the lane lost its lock');
      if (watch === null) {
        const session = await deps.store.openSession(LANE_KEY);
        if (session !== null) watch = { session, campaigns: new Map(), lost: false };
      }
      if (watch !== null && (await round(options, watch, flights)) > 0) continue;
    } catch (error) {
      warn(log, error);
      await watch?.session.close().catch(() => undefined);
      watch = null;
    }
    await bell.rung(restMs, signal);
  }
  await flights.landed();
  await watch?.session.close();
  await deaf?.();
}

const tell = ({ campaigns }: Watch, campaignId: string, deliveries: readonly ClaimedDelivery[]): void =>
  void campaigns.get(campaignId)?.told.push(...deliveries.map(({ step }) => step));

type Flights = ReturnType<typeof createFlights>;

/** Messages on their way, each by itself. `onPlace` is called when one has ended. */
function createFlights({ deps, tools, log, onBreaker }: LaneOptions, onPlace: () => void) {
  const channels = createLaneChannels(deps.senders, tools.breaker);
  const placesOf = createDomainPlaces(deps.senders.email.connections);
  const inAir = new Set<Promise<void>>();
  /** Somebody waits for a place. */
  let wanted = false;

  const fly = async (
    watch: Watch,
    campaignId: string,
    claim: ClaimedForLane,
    delivery: ClaimedDelivery,
  ): Promise<void> => {
    const places = placesOf();
    try {
      const stop = await claim.send(delivery, places);
      if (stop === 'breaker') await onBreaker(campaignId);
    } catch (error) {
      warn(log, error);
      watch.lost = true;
    } finally {
      places.leave();
      channels.leave(delivery.channel);
      tell(watch, campaignId, [delivery]);
      if (wanted || watch.lost) onPlace();
    }
  };

  return {
    breaker: channels.breaker,
    room: (of: Parameters<typeof channels.room>[0]): number => {
      const room = channels.room(of);
      wanted ||= room === 0;
      return room;
    },
    /** A new look at everybody: who finds no place from here on is told of the next. */
    look: (): void => {
      wanted = false;
    },
    /** Each goes at once, or is planned again where its channel has no place. */
    begin: async (watch: Watch, campaignId: string, claim: ClaimedForLane): Promise<void> => {
      const left = claim.claimed.filter((delivery) => {
        if (!channels.enter(delivery.channel)) return true;
        const flight = fly(watch, campaignId, claim, delivery).finally(() => inAir.delete(flight));
        inAir.add(flight);
        return false;
      });
      await deps.store.defer(
        watch.session,
        left.map(({ id, channel }) => ({ id, until: new Date(channels.again(channel)) })),
        'rate',
      );
      tell(watch, campaignId, left);
    },
    landed: async (): Promise<void> => {
      const patience = new AbortController();
      await Promise.race([
        Promise.all(inAir),
        sleep(LAST_ANSWERS_MS, undefined, { signal: patience.signal }).catch(() => undefined),
      ]);
      patience.abort();
    },
  };
}

/** Gives every campaign that waits its turn once, whoever has waited longest for one first. Answers how many messages it looked at. */
async function round(options: LaneOptions, watch: Watch, flights: Flights): Promise<number> {
  const { deps, tools, messages } = options;
  const { session, campaigns } = watch;
  const lane = { deps, tools: { ...tools, breaker: flights.breaker } };
  flights.look();
  const waiting = await messages.waitingCampaigns();
  const turnOf = (campaignId: string): number => campaigns.get(campaignId)?.turn ?? 0;
  const byTurn = waiting.toSorted((a, b) => turnOf(a.campaignId) - turnOf(b.campaignId));
  let turn = Math.max(0, ...[...campaigns.values()].map((campaign) => campaign.turn));
  let looked = 0;
  for (const [at, { campaignId, aborted }] of byTurn.entries()) {
    const known = campaigns.get(campaignId) ?? { told: [], turn: 0, after: '' };
    if (!campaigns.has(campaignId)) {
      await reclaimMessages(lane, session, campaignId);
      campaigns.set(campaignId, known);
    }
    if (aborted) {
      await deps.store.skipMessages(campaignId, 'aborted');
      continue;
    }
    const campaign = await openCampaign(lane, session, campaignId);
    const room = flights.room(campaign.channels);
    if (room === 0) continue;
    const limit = Math.min(MOST_CLAIMED, Math.ceil(room / (byTurn.length - at)));
    const claim = await campaign.claim({ limit, told: known.told.splice(0), after: known.after });
    known.turn = turn += 1;
    known.after = claim.caller ?? known.after;
    await flights.begin(watch, campaignId, claim);
    looked += claim.looked;
  }
  return looked;
}

const warn = (log: LaneOptions['log'], error: unknown): void =>
  log.warn({ err: namesOf(error).name }, 'the lane of service messages stumbled; it begins again');
