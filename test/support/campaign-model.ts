import { ApplicationFailure } from '@temporalio/common';
import type { SendingCreative } from '../../activities/delivery/deps';
import { openCampaign, reclaimMessages } from '../../activities/delivery/send-messages';
import { NO_PREFERENCES } from '../../domain/consent/preferences';
import { createCampaignsStore } from '../../store/campaigns-store';
import { createConsentStore } from '../../store/consent-store';
import type { Db } from '../../store/db';
import { LANE_KEY } from '../../store/delivery/claim-messages';
import { settle } from '../../store/delivery/settle';
import { createDeliveryStore, type DeliveryStore } from '../../store/delivery-store';
import { createPreferencesStore } from '../../store/preferences-store';
import type { Command, Kill, ModelEvent } from './campaign-commands';
import { campaignProviders } from './campaign-providers';
import { deliveryBench, fakeChannel } from './delivery-bench';
import { dyingStore } from './dying-store';
import { DAY_MS, fromNow } from './gate';
import { askMessage, openTriggered } from './message-lane';
import { seedTwoChannels } from './seed-channels';

export interface Setting {
  readonly id: string;
  readonly people: number;
  readonly connections: number;
  readonly batchSize: number;
  readonly answers: readonly number[];
  readonly smsKnowsAgain: boolean;
  readonly smsFirst: boolean;
}

const WAVES = [
  { step: 'first', wave: 'first-1', buckets: { from: 0, to: 5_000 } },
  { step: 'first', wave: 'first-2', buckets: { from: 5_000, to: 10_000 } },
  { step: 'again', wave: 'again-1', buckets: { from: 0, to: 5_000 } },
  { step: 'again', wave: 'again-2', buckets: { from: 5_000, to: 10_000 } },
] as const;
const BOTH = ['email', 'sms'] as const;
const FAULTS = { email: 8, sms: 8, push: 8, 'in-app': 8, letter: 8, 'e-letter': 8 };

/**
 * A campaign of two steps over two channels and two waves, service messages to the same people beside it, and providers
 * that remember what they were handed. `faults` says what must never be: who got two, and who got one after a no.
 */
export async function campaignModel(db: Db, setting: Setting) {
  const { app } = db;
  const { campaign, creatives } = await seedTwoChannels(db, {
    campaignId: setting.id,
    people: setting.people,
    scenario: {
      channels: setting.smsFirst ? ['sms', 'email'] : ['email', 'sms'],
      steps: [{ key: 'again', when: 'not-clicked', afterSeconds: 60 }],
    },
  });
  const service = await openTriggered(db, `${setting.id}s`, campaign.profileIds);
  const store = createDeliveryStore(db);
  const campaigns = createCampaignsStore(app);
  const consents = createConsentStore(app);
  const { campaignId } = campaign;
  const joiners = campaign.profileIds.slice(Math.ceil((setting.people * 2) / 3));
  await app`delete from audience_members where campaign_id = ${campaignId} and profile_id = any(${joiners}::bigint[])`;
  const planned = new Set<number>();

  const providers = campaignProviders(setting.answers);
  let midway: readonly { readonly after: number; readonly event: ModelEvent }[] = [];
  let handed = 0;
  const meanwhile = async (): Promise<void> => {
    handed += 1;
    const due = midway.filter(({ after }) => after === handed);
    // To who waits in a claimed batch, where there is somebody: that is what the last word is asked for.
    for (const { event } of due) {
      const waiting = providers.waiting();
      await happen(event, waiting[event.who % Math.max(1, waiting.length)]?.profileId);
    }
  };

  const worker = async (kills: Kill | null = null) => {
    const noting: DeliveryStore = {
      ...store,
      turn: async (session, outcomes, mark, channels, still) => {
        const at = providers.now();
        const marked = await store.turn(session, outcomes, mark, channels, still);
        for (const id of marked) providers.marked(id, at);
        return marked;
      },
      claim: async (session, input) => {
        const claim = await store.claim(session, input);
        for (const { id, profileId } of claim.claimed) providers.claimed(id, { profileId, service: false });
        return claim;
      },
      claimMessages: async (session, input) => {
        const claim = await store.claimMessages(session, input);
        for (const { id, profileId } of claim.claimed) providers.claimed(id, { profileId, service: true });
        return claim;
      },
    };
    const { store: dying, died } =
      kills === null ? { store: noting, died: () => false } : dyingStore(noting, kills.at, kills.afterIt);
    const { connections, smsKnowsAgain } = setting;
    const senders = {
      email: fakeChannel<'email'>(
        (message) => providers.take({ ...message, channel: 'email', knowsAgain: false, died }, meanwhile),
        { connections },
      ),
      sms: fakeChannel<'sms'>(
        (message) =>
          providers.take({ ...message, channel: 'sms', knowsAgain: smsKnowsAgain, died }, meanwhile),
        { connections, idempotent: smsKnowsAgain },
      ),
    };
    const current: readonly SendingCreative[] = creatives.map((c) => ({
      ...c,
      text: `${c.text} v${providers.version()}`,
    }));
    return deliveryBench(db, campaign, senders, {
      store: dying,
      batchSize: setting.batchSize,
      breakerFaults: FAULTS,
      outage: { firstMs: 2, mostMs: 4 },
      creatives: {
        forSending: (of) => Promise.resolve(of === campaignId ? current : service.creatives),
      },
    });
  };

  const planWave = async (n: number) => {
    const { step, wave, buckets } = WAVES[n] ?? WAVES[0];
    planned.add(n);
    const ref = { campaignId, step, wave };
    const { shards } = await store.planWave({
      ...ref,
      part: campaign.part,
      arm: null,
      buckets,
      shardSize: Math.max(1, Math.ceil(setting.people / 2)),
    });
    return { ref, shards };
  };

  const unlessKilled = async (work: Promise<unknown>): Promise<void> => {
    await work.catch((fault: unknown) => {
      const killed = fault instanceof Error && fault.name === 'Killed';
      if (!killed && !(fault instanceof ApplicationFailure && fault.type === 'Killed')) throw fault;
    });
  };

  const lane = async ({ deps, tools }: Awaited<ReturnType<typeof worker>>): Promise<void> => {
    const session = await store.openSession(LANE_KEY);
    if (session === null) throw new Error('the lane is taken');
    try {
      await reclaimMessages({ deps, tools }, session, service.campaignId);
      const open = await openCampaign({ deps, tools }, session, service.campaignId);
      const told: string[] = [];
      for (;;) {
        const { looked, claimed, send } = await open.claim({ limit: 5, told: told.splice(0) });
        if (looked === 0) break;
        await Promise.all(claimed.map((one) => send(one, { enter: () => 0, leave: () => {} })));
        told.push(...claimed.map(({ step }) => step));
      }
    } finally {
      await session.close();
    }
  };

  /** The first shard may be killed while the second goes on in a worker of its own, and the lane in a third. */
  const send = async (
    n: number,
    { kill: kills, killLane, midway: changes = [] }: Partial<Extract<Command, { run: 'send' }>> = {},
  ): Promise<void> => {
    midway = changes;
    handed = 0;
    const { ref, shards } = await planWave(n);
    const runs = shards.map(async (shard, nth) => {
      const { activities } = await worker(nth === 0 ? kills : null);
      await unlessKilled(
        activities.sendShard({ ...ref, shard, deadlineAt: fromNow(3 * DAY_MS).toISOString() }),
      );
    });
    const ends = await Promise.allSettled([...runs, worker(killLane).then((one) => unlessKilled(lane(one)))]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  };

  const hold = async (to: 'run' | 'paused' | 'aborted'): Promise<void> => {
    if (to === 'run') providers.resumed();
    await campaigns.setHold(campaignId, to);
    if (to !== 'run') providers.held();
  };
  const isAborted = async (): Promise<boolean> => (await store.holdOf(campaignId)) === 'aborted';

  const happen = async ({ does, who: n }: ModelEvent, whom?: number): Promise<void> => {
    // Every other one to somebody whose provider is in doubt, where there is one.
    const doubtful = n % 2 === 0 ? providers.doubtful()?.profileId : undefined;
    const profileId = whom ?? doubtful ?? campaign.profileIds[n % setting.people] ?? 0;
    const said = { profileId, source: 'test', recordedBy: 'test' };
    switch (does) {
      case 'pause':
        return hold('paused');
      case 'resume':
        return (await isAborted()) ? undefined : hold('run');
      case 'abort':
        return hold('aborted');
      case 'withdraw':
        for (const channel of BOTH) await consents.withdraw({ ...said, purpose: 'promotion', channel });
        return providers.refused({ profileId, service: false }, BOTH);
      case 'stop':
        await consents.withdrawChannel({ ...said, channel: 'sms' });
        return providers.refused({ profileId, service: false }, ['sms']);
      case 'expire':
        await app`update consent_state set expires_at = now() where profile_id = ${profileId} and purpose = 'promotion'`;
        return providers.refused({ profileId, service: false }, BOTH);
      case 'object':
        await consents.objectEverything({ ...said, suppress: 'global' });
        for (const service of [true, false]) providers.refused({ profileId, service }, BOTH);
        return;
      case 'rest':
        return void (await createPreferencesStore(app).put(
          profileId,
          { ...NO_PREFERENCES, pausedUntil: fromNow(DAY_MS) },
          'test',
        ));
      case 'click':
        return void (await app`
          insert into events (id, profile_id, type, at, campaign_id, delivery_id)
          select 'click ' || id, profile_id, 'message.clicked', now(), campaign_id, id from deliveries
          where campaign_id = ${campaignId} and step = 'first' and profile_id = ${profileId} and state = 'accepted'
          on conflict do nothing`);
      case 'ask':
        return void (await askMessage(db, service, n % setting.people));
      case 'report': {
        const unsure = await app<{ id: number }[]>`
          select id from deliveries where state = 'uncertain' and campaign_id in (${campaignId}, ${service.campaignId})`;
        for (const { id } of unsure)
          await settle(db.app, {
            deliveryId: id,
            outcome: providers.reached.get(id) === true ? 'accepted' : 'failed',
            by: 'provider',
            evidence: null,
          });
      }
    }
  };

  /** Nobody waits: whoever is put off is due, and the follow-up of what was sent too. */
  const time = async (): Promise<void> => {
    await app`update deliveries set not_before = now() where state = 'planned' and campaign_id in (${campaignId}, ${service.campaignId})`;
    await app`update deliveries set settled_at = settled_at - interval '2 minutes' where campaign_id = ${campaignId} and step = 'first'`;
    await app`update messages set not_before = now() where not_before is not null and settled_at is null`;
    await app`update domain_backoffs set until = now()`;
  };

  /** As an approved revision does: whoever is left gets the new words. */
  const mend = async (): Promise<void> => {
    if (await isAborted()) return;
    await hold('paused');
    providers.mended();
    await hold('run');
  };

  /** As the intake does: into buckets that no planned wave has. */
  const join = async (): Promise<void> => {
    const profileId = planned.has(1) || planned.has(3) ? undefined : joiners.pop();
    if (profileId !== undefined)
      await app`
        insert into audience_members (campaign_id, profile_id, part, arm, persona, bucket)
        values (${campaignId}, ${profileId}, ${campaign.part}, 'a', 'habitues', 9000)`;
  };

  const counts = () =>
    Promise.all([...planned].map((n) => store.waveCounts({ campaignId, ...(WAVES[n] ?? WAVES[0]) })));

  return {
    campaignIds: [campaignId, service.campaignId],
    store,
    faults: providers.faults,
    reached: providers.reached,
    send,
    happen,
    hold,
    isAborted,
    time,
    mend,
    join,
    counts,
  };
}
