import { randomBytes } from 'node:crypto';
import { messageValueFaults, type MessageValues } from '../domain/campaigns/message-values';
import type { Scenario } from '../domain/campaigns/scenario';
import { MESSAGE_STEP } from '../domain/campaigns/steps';
import { BoucleError } from '../domain/shared/errors';
import type { Channel, DeliveryState } from '../domain/shared/words';
import type { Db, Sql, Tx } from './db';

export interface NewMessage {
  /** A triggered campaign that runs: its creatives are approved. */
  readonly campaignId: string;
  readonly profileId: number;
  readonly values: MessageValues;
  readonly by: string;
  /** Seconds after which it is not worth sending any more. */
  readonly deadlineSeconds?: number;
}

/** Where a message stands; pseudonymous. */
export interface MessageStanding {
  readonly messageId: string;
  readonly campaignId: string;
  readonly profileId: number;
  readonly createdAt: Date;
  readonly deadlineAt: Date;
  /** null: the gate has not looked at it yet. */
  readonly delivery: {
    readonly id: number;
    readonly channel: Channel;
    readonly state: DeliveryState;
    readonly code: string | null;
    readonly reason: string | null;
    readonly notBefore: Date | null;
    readonly settledAt: Date | null;
  } | null;
}

const MESSAGES_CHANNEL = 'boucle_messages';

const DAY_SECONDS = 86_400;

/** Approved and within its period, which is counted from the first beginning of its roll-out. */
const isOpen = (sql: Sql | Tx) => sql`(
  c.approved_hash is not null and c.hold <> 'aborted' and exists (
    select from campaign_stages s
    where s.campaign_id = c.id and s.stage = 'rollout' and s.ended_at is null
      and clock_timestamp() < s.started_at + make_interval(secs => (c.scenario #>> '{triggered,periodSeconds}')::float8)))`;

/** Service messages, each one person's. The values they are filled with are personal: identity keeps them. */
export function createMessagesStore(db: Pick<Db, 'app' | 'identity'>) {
  return {
    /** Throws not-found, campaign-ended, conflict (not a triggered campaign, or not approved yet), invalid-request. */
    async create(message: NewMessage): Promise<{ messageId: string }> {
      const messageId = `m${randomBytes(10).toString('hex')}`;
      await db.identity.begin(async (tx) => {
        const [campaign] = await tx<{ scenario: Scenario; ended: boolean; open: boolean; known: boolean }[]>`
          select c.scenario, c."end" is not null as ended, ${isOpen(tx)} as open,
            exists (select from profiles where id = ${message.profileId}) as known
          from campaigns c where c.id = ${message.campaignId}`;
        if (campaign === undefined) throw new BoucleError('not-found', 'No such campaign.');
        if (!campaign.known) throw new BoucleError('not-found', 'No such profile.');
        if (campaign.scenario.kind !== 'triggered')
          throw new BoucleError('conflict', 'Only a triggered campaign takes single messages.');
        if (campaign.ended) throw new BoucleError('campaign-ended', 'The campaign has ended.');
        if (!campaign.open)
          throw new BoucleError(
            'conflict',
            'The campaign takes no messages: it is not approved yet, or its period is over.',
          );
        const faults = messageValueFaults(campaign.scenario.variables, message.values);
        if (faults.length > 0) throw new BoucleError('invalid-request', 'The values do not fit.', faults);
        await tx`
          insert into messages (id, campaign_id, profile_id, created_by, deadline_at)
          values (${messageId}, ${message.campaignId}, ${message.profileId}, ${message.by},
            clock_timestamp() + make_interval(secs => ${message.deadlineSeconds ?? DAY_SECONDS}))`;
        await tx`
          insert into identity.message_values (message_id, "values")
          values (${messageId}, ${JSON.stringify(message.values)}::text::jsonb)`;
        await tx`select pg_notify(${MESSAGES_CHANNEL}, '')`;
      });
      return { messageId };
    },

    /** The campaign a scenario's messages go through now: the latest that is approved and open. null: there is none. */
    async openCampaignOf(scenarioKey: string): Promise<string | null> {
      const [row] = await db.app<{ id: string }[]>`
        select c.id from campaigns c
        where c.scenario_key = ${scenarioKey} and c."end" is null and c.scenario ->> 'kind' = 'triggered' and ${isOpen(db.app)}
        order by c.created_at desc limit 1`;
      return row?.id ?? null;
    },

    async standing(messageId: string): Promise<MessageStanding | null> {
      const [row] = await db.app<MessageStanding[]>`
        select m.id as "messageId", m.campaign_id as "campaignId", m.profile_id as "profileId", m.created_at as "createdAt",
          m.deadline_at as "deadlineAt",
          case when d.id is not null then jsonb_build_object('id', d.id, 'channel', d.channel, 'state', d.state, 'code', d.code,
            'reason', d.reason, 'notBefore', d.not_before, 'settledAt', d.settled_at) end as delivery
        from messages m
        left join deliveries d on d.campaign_id = m.campaign_id and d.step = ${MESSAGE_STEP} || m.id and d.profile_id = m.profile_id
        where m.id = ${messageId}`;
      if (row === undefined) return null;
      const { delivery } = row;
      const date = (value: unknown): Date | null => (typeof value === 'string' ? new Date(value) : null);
      return {
        ...row,
        delivery:
          delivery === null
            ? null
            : {
                ...delivery,
                notBefore: date(delivery.notBefore),
                settledAt: date(delivery.settledAt),
              },
      };
    },

    /** Calls `ring` for each message that is written, until what it answers is called. */
    async listen(ring: () => void): Promise<() => Promise<void>> {
      const listening = await db.app.listen(MESSAGES_CHANNEL, ring);
      return () => listening.unlisten();
    },

    /** How many of a campaign's messages have not ended. */
    async left(campaignId: string): Promise<number> {
      const [row] = await db.app<{ n: number }[]>`
        select count(*) as n from messages where campaign_id = ${campaignId} and settled_at is null`;
      return row?.n ?? 0;
    },

    /** Campaigns whose messages may be looked at now; those of an aborted one are only to be closed. In no order. */
    async waitingCampaigns(): Promise<{ campaignId: string; aborted: boolean }[]> {
      return db.app<{ campaignId: string; aborted: boolean }[]>`
        with recursive open as (
          -- From one campaign to the next by the index: it is asked at each ring, also while thousands wait.
          (select campaign_id from messages where settled_at is null order by campaign_id limit 1)
          union all
          select (
            select m.campaign_id from messages m
            where m.settled_at is null and m.campaign_id > o.campaign_id order by m.campaign_id limit 1)
          from open o where o.campaign_id is not null
        )
        select c.id as "campaignId", c.hold = 'aborted' as aborted
        from open o join campaigns c on c.id = o.campaign_id
        where c.hold = 'aborted' or (c.hold = 'run' and exists (
          select from messages m
          where m.campaign_id = c.id and m.settled_at is null and coalesce(m.not_before, '-infinity') <= clock_timestamp()))`;
    },
  };
}

export type MessagesStore = ReturnType<typeof createMessagesStore>;
