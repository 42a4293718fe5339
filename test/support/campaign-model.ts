import { ApplicationFailure } from '@temporalio/common';
import * as fc from 'fast-check';
import type { SendingCreative } from '../../activities/delivery/deps';
import { openCampaign, reclaimMessages } from '../../activities/delivery/send-messages';
import type { SendOutcome } from '../../domain/delivery/ports';
import type { Db } from '../../store/db';
import { LANE_KEY } from '../../store/delivery/claim-messages';
import { createDeliveryStore, type DeliveryStore } from '../../store/delivery-store';
import { deliveryBench, fakeChannel } from './delivery-bench';
import { dyingStore } from './dying-store';
import { DAY_MS, fromNow, prefers } from './gate';
import { askMessage, openTriggered } from './message-lane';
import { seedTwoChannels } from './seed-channels';

const who = fc.nat({ max: 30 });
interface Kill {
  readonly at: number;
  readonly afterIt: boolean;
}
const kill: fc.Arbitrary<Kill | null> = fc.option(
  fc.record({ at: fc.integer({ min: 1, max: 14 }), afterIt: fc.boolean() }),
);
const person = fc.constantFrom('withdraw', 'expire', 'suppress', 'rest', 'click', 'ask', 'report');
const campaign = fc.constantFrom('pause', 'resume', 'abort');

/** Something that happens to somebody or to the campaign; between two sends, or as the n-th message is handed over. */
const event = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: person, who }) },
  { weight: 2, arbitrary: fc.record({ does: campaign, who: fc.constant(0) }) },
);
export type ModelEvent = typeof event extends fc.Arbitrary<infer E> ? E : never;

/** `send`: a step's shards side by side, beside the lane of service messages; the first of them dies at a statement. */
export const command = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      run: fc.constant<'send'>('send'),
      wave: fc.nat({ max: 3 }),
      kill,
      killLane: kill,
      midway: fc.option(fc.record({ after: fc.integer({ min: 1, max: 8 }), event })),
    }),
  },
  { weight: 4, arbitrary: fc.record({ run: fc.constant<'event'>('event'), event }) },
  {
    weight: 1,
    arbitrary: fc.record({ run: fc.constantFrom<'mend' | 'join' | 'time'>('mend', 'join', 'time') }),
  },
);
export type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

interface Answer {
  readonly outcome: SendOutcome;
  /** Whether the message reaches its person, whatever was answered. */
  readonly arrives: boolean;
}

const GOOD: Answer = { outcome: { kind: 'accepted', providerId: 'q' }, arrives: true };
const ANSWERS: readonly Answer[] = [
  GOOD,
  GOOD,
  { outcome: { kind: 'failed', code: '550 5.7.1' }, arrives: false },
  { outcome: { kind: 'retry', code: '450 4.2.1' }, arrives: false },
  { outcome: { kind: 'retry', code: 'relay-refused' }, arrives: false },
  { outcome: { kind: 'uncertain', code: 'no-answer' }, arrives: true },
  { outcome: { kind: 'uncertain', code: 'no-answer' }, arrives: false },
];
export const answers = fc.array(fc.nat({ max: ANSWERS.length - 1 }), { maxLength: 20 });

export interface Setting {
  readonly id: string;
  readonly people: number;
  readonly connections: number;
  readonly batchSize: number;
  readonly answers: readonly number[];
  readonly smsKnowsAgain: boolean;
}

const WAVES = [
  { step: 'first', wave: 'first-1', buckets: { from: 0, to: 5_000 } },
  { step: 'first', wave: 'first-2', buckets: { from: 5_000, to: 10_000 } },
  { step: 'again', wave: 'again-1', buckets: { from: 0, to: 5_000 } },
  { step: 'again', wave: 'again-2', buckets: { from: 5_000, to: 10_000 } },
] as const;
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
    scenario: { steps: [{ key: 'again', when: 'not-clicked', afterSeconds: 60 }] },
  });
  const service = await openTriggered(db, `${setting.id}s`, campaign.profileIds);
  const store = createDeliveryStore(db);
  const { campaignId } = campaign;
  const faults: string[] = [];
  const joiners = campaign.profileIds.slice(Math.ceil((setting.people * 2) / 3));
  await app`delete from audience_members where campaign_id = ${campaignId} and profile_id = any(${joiners}::bigint[])`;
  const planned = new Set<number>();

  /** A clock of the model's own: what was asked of the ledger before a change may not have seen it. */
  let tick = 0;
  const askedAt = new Map<number, number>();
  const ownerOf = new Map<number, { readonly profileId: number; readonly service: boolean }>();
  const refusedAt = new Map<string, number>();
  let heldAt = 0;
  /** By delivery: may have reached somebody, and whether it has. */
  const reached = new Map<number, boolean>();
  let nthAnswer = 0;
  let version = 1;
  let midway: { after: number; readonly event: ModelEvent } | null = null;

  const take = async (
    id: number,
    text: string,
    knowsAgain: boolean,
    died: () => boolean,
  ): Promise<SendOutcome> => {
    const owner = ownerOf.get(id);
    const asked = askedAt.get(id) ?? 0;
    const key = `${owner?.service === true ? 'service' : 'campaign'} ${owner?.profileId ?? 0}`;
    if ((refusedAt.get(key) ?? Infinity) < asked) faults.push(`${id} was handed over after a no`);
    if (owner?.service === false && heldAt > 0 && heldAt < asked)
      faults.push(`${id} was handed over while held`);
    if (owner?.service === false && !text.includes(`v${version}`)) faults.push(`${id} says what was mended`);
    if (reached.has(id) && !(knowsAgain && reached.get(id) === true))
      faults.push(`${id} was handed over again`);
    if (reached.has(id)) return GOOD.outcome;
    nthAnswer += 1;
    const { outcome, arrives } = ANSWERS[setting.answers[nthAnswer - 1] ?? 0] ?? GOOD;
    if (midway !== null && (midway.after -= 1) === 0) await happen(midway.event);
    await new Promise((resolve) => setImmediate(resolve));
    // Who may be asked again under the same key is not in doubt while its answer is lost with the worker.
    const unheard = died();
    if (arrives || outcome.kind === 'uncertain' || (unheard && !knowsAgain)) reached.set(id, arrives);
    return outcome;
  };

  const worker = async (kills: Kill | null = null) => {
    const noting: DeliveryStore = {
      ...store,
      turn: async (session, outcomes, mark, channels, still) => {
        const at = (tick += 1);
        const marked = await store.turn(session, outcomes, mark, channels, still);
        for (const id of marked) askedAt.set(id, at);
        return marked;
      },
      claim: async (session, input) => {
        const claim = await store.claim(session, input);
        for (const { id, profileId } of claim.claimed) ownerOf.set(id, { profileId, service: false });
        return claim;
      },
      claimMessages: async (session, input) => {
        const claim = await store.claimMessages(session, input);
        for (const { id, profileId } of claim.claimed) ownerOf.set(id, { profileId, service: true });
        return claim;
      },
    };
    const { store: dying, died } =
      kills === null ? { store: noting, died: () => false } : dyingStore(noting, kills.at, kills.afterIt);
    const { connections, smsKnowsAgain } = setting;
    const senders = {
      email: fakeChannel<'email'>((m) => take(m.deliveryId, m.text, false, died), { connections }),
      sms: fakeChannel<'sms'>((m) => take(m.deliveryId, m.text, smsKnowsAgain, died), {
        connections,
        idempotent: smsKnowsAgain,
      }),
    };
    const current: readonly SendingCreative[] = creatives.map((c) => ({
      ...c,
      text: `${c.text} v${version}`,
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
      shardSize: Math.max(1, Math.ceil(setting.people / 4)),
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
    { kill: kills, killLane, midway: change }: Partial<Extract<Command, { run: 'send' }>> = {},
  ): Promise<void> => {
    midway = change == null ? null : { ...change };
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
    if (to === 'run') heldAt = 0;
    await app`update campaigns set hold = ${to} where id = ${campaignId} and hold <> 'aborted'`;
    if (to !== 'run' && heldAt === 0) heldAt = tick += 1;
  };
  const isAborted = async (): Promise<boolean> => (await store.holdOf(campaignId)) === 'aborted';

  const happen = async ({ does, who: n }: ModelEvent): Promise<void> => {
    const profileId = campaign.profileIds[n % setting.people] ?? 0;
    switch (does) {
      case 'pause':
        return hold('paused');
      case 'resume':
        return (await isAborted()) ? undefined : hold('run');
      case 'abort':
        return hold('aborted');
      case 'withdraw':
        await app`update consent_state set granted = false where profile_id = ${profileId} and purpose = 'promotion'`;
        return void refusedAt.set(`campaign ${profileId}`, (tick += 1));
      case 'expire':
        await app`update consent_state set expires_at = now() where profile_id = ${profileId} and purpose = 'promotion'`;
        return void refusedAt.set(`campaign ${profileId}`, (tick += 1));
      case 'suppress':
        await app`
          insert into suppressions (fingerprint, reason)
          select unnest(array[email_fp, phone_fp]), 'objection' from profiles where id = ${profileId} on conflict do nothing`;
        refusedAt.set(`campaign ${profileId}`, (tick += 1));
        return void refusedAt.set(`service ${profileId}`, tick);
      case 'rest':
        await app`delete from preferences where profile_id = ${profileId}`;
        return void (await prefers(db, profileId, { pausedUntil: fromNow(DAY_MS) }));
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
          await store.settle({
            deliveryId: id,
            outcome: reached.get(id) === true ? 'accepted' : 'failed',
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
    version += 1;
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
    faults,
    reached,
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
