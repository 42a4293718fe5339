import type { Channel } from '../../domain/shared/words';
import type { Db } from '../../store/db';
import type { ClaimInput } from '../../store/delivery/claim';
import { createDeliveryStore } from '../../store/delivery-store';
import type { SeededCampaign } from './seed-campaign';

export interface GateAnswer {
  readonly profileId: number;
  readonly state: string;
  readonly channel: Channel;
  readonly arm: string;
  readonly reason: string | null;
  readonly notBefore: Date | null;
  readonly consentEventId: number | null;
  readonly costMicros: number | null;
}

interface GateOptions {
  readonly step?: string;
  readonly wave?: string;
  readonly arm?: string;
  readonly deadlineAt?: Date;
  readonly source?: ClaimInput['source'];
  readonly limit?: number;
  readonly creatives?: ClaimInput['creatives'];
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const fromNow = (ms: number): Date => new Date(Date.now() + ms);

/** Plans a wave over everybody and claims it to its end; nothing is handed over. Answers the ledger's rows of the step. */
export async function throughGate(
  db: Db,
  campaign: SeededCampaign,
  options: GateOptions = {},
): Promise<GateAnswer[]> {
  const store = createDeliveryStore(db);
  const key = {
    campaignId: campaign.campaignId,
    step: options.step ?? campaign.step,
    wave: options.wave ?? `${options.step ?? 'first'}-1`,
  };
  await store.planWave({
    ...key,
    part: campaign.part,
    arm: options.arm ?? null,
    buckets: { from: 0, to: 10_000 },
    shardSize: 1_000_000,
  });
  const session = await store.openSession({ ...key, shard: 0 });
  if (session === null) throw new Error('the shard is taken');
  try {
    const terms = await store.waveTerms(key);
    const limit = options.limit ?? 1_000;
    for (let cursor = 0, looked = limit; looked === limit;) {
      const claim = await store.claim(session, {
        terms,
        deadlineAt: options.deadlineAt ?? fromNow(HOUR_MS),
        source: options.source ?? 'new',
        range: { from: 0, to: 1_000_000_000 },
        cursor,
        limit,
        creatives: options.creatives ?? campaign.creatives,
      });
      ({ looked, cursor } = claim);
    }
  } finally {
    await session.close();
  }
  return ledger(db, key.campaignId, key.step);
}

export const ledger = (db: Db, campaignId: string, step: string): Promise<GateAnswer[]> =>
  db.app<GateAnswer[]>`
    select profile_id as "profileId", state, channel, arm, reason, not_before as "notBefore",
      consent_event_id as "consentEventId", cost_micros as "costMicros"
    from deliveries where campaign_id = ${campaignId} and step = ${step} order by profile_id`.then((rows) => [
    ...rows,
  ]);

/** `claimed email`, `skipped no-consent`, `planned cap:promo`, a line a person. */
export const said = (answers: readonly GateAnswer[]): string[] =>
  answers.map(({ state, channel, reason }) =>
    state === 'claimed' ? `claimed ${channel}` : `${state} ${reason ?? ''}`,
  );

export const policy = (db: Db, kind: string, key: string, definition: object): Promise<unknown> =>
  db.app`
    insert into policies (kind, key, definition) values (${kind}, ${key}, ${JSON.stringify(definition)}::text::jsonb)
    on conflict (kind, key) do update set definition = excluded.definition`;

/** A contact another tool made. */
export const contact = (
  db: Db,
  profileId: number,
  nature: string,
  at: Date,
  more: { channel?: Channel; department?: string; format?: string } = {},
): Promise<unknown> =>
  db.app`
    insert into contacts (profile_id, at, nature, channel, department, format, source)
    values (${profileId}, ${at}, ${nature}, ${more.channel ?? 'email'}, ${more.department ?? 'crm'}, ${more.format ?? null}, 'other')`;

/** What somebody said about a purpose on a channel, with its event. Answers the event's id. */
export async function consent(
  db: Db,
  profileId: number,
  purpose: string,
  channel: Channel,
  granted = true,
): Promise<number> {
  const [row] = await db.app<{ id: number }[]>`
    with said as (
      insert into consent_events (profile_id, purpose, channel, action, at, source, recorded_by)
      values (${profileId}, ${purpose}, ${channel}, ${granted ? 'granted' : 'refused'}, now(), 'test', 'test') returning id)
    insert into consent_state (profile_id, purpose, channel, granted, event_id, at)
    select ${profileId}, ${purpose}, ${channel}, ${granted}, id, now() from said
    on conflict (profile_id, purpose, channel) do update set granted = excluded.granted, event_id = excluded.event_id
    returning event_id as id`;
  return row?.id ?? -1;
}

export const prefers = (
  db: Db,
  profileId: number,
  wish: {
    pausedUntil?: Date;
    channel?: Channel;
    refusedTopics?: readonly string[];
    newsletterLimit?: number;
    newsletterDays?: number;
    sendHour?: number;
  },
): Promise<unknown> =>
  db.app`
    insert into preferences (profile_id, paused_until, preferred_channel, refused_topics, newsletter_limit, newsletter_days, send_hour, updated_by)
    values (${profileId}, ${wish.pausedUntil ?? null}, ${wish.channel ?? null}, ${[...(wish.refusedTopics ?? [])]},
      ${wish.newsletterLimit ?? null}, ${wish.newsletterDays ?? null}, ${wish.sendHour ?? null}, 'test')`;
