import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryActivities } from '../../../activities/contract';
import { isComplete } from '../../../domain/delivery/arithmetic';
import type { Part, Stage } from '../../../domain/shared/words';
import { createCampaignsStore } from '../../../store/campaigns-store';
import { countsByWave } from '../../../store/delivery/counts';
import {
  abortUpdate,
  decideUpdate,
  pauseUpdate,
  resumeUpdate,
  type Command,
} from '../../../workflows/campaign/contract';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender } from '../../support/delivery-bench';
import { seedCampaign, type SeededCampaign } from '../../support/seed-campaign';
import { localEnv } from '../../support/temporal';
import { contactsOutOfStep } from '../../support/wave';
import {
  decision,
  openHarness,
  waiting,
  withCampaign,
  type Campaign,
  type Harness,
} from '../../workflow/support/campaign-harness';
import { AUDIENCE } from '../../workflow/support/fake-activities';

const PEOPLE = 45;
const THIRD = PEOPLE / 3;
const PART_OF: readonly Part[] = ['pilot', 'test', 'rollout'];
/** Nothing new may go out later than this after the answer. */
const QUIET_AFTER_MS = 2_000;
/** For a machine that does much else. */
const PATIENCE_MS = 60_000;
/** How long a pause is watched. */
const WATCH_MS = 3_000;

/** Just before a stage that sends, just after it has begun to send, and just after it has sent. */
const MOMENTS = ['begins', 'sends', 'ends'] as const;
const STAGES = ['pilot', 'experiment', 'rollout'] as const satisfies readonly Stage[];
interface Case {
  readonly stage: (typeof STAGES)[number];
  readonly moment: (typeof MOMENTS)[number];
}

/** Every moment of every stage at once; a fault is thrown when all of them are through. */
async function inEveryStage(work: (at: Case) => Promise<void>): Promise<void> {
  const cases = STAGES.flatMap((stage) => MOMENTS.map((moment) => ({ stage, moment })));
  const ends = await Promise.allSettled(cases.map(work));
  const fault = ends.find((end) => end.status === 'rejected');
  if (fault !== undefined) throw fault.reason;
}

let database: FreshDatabase;
let harness: Harness;
beforeAll(async () => {
  [database, harness] = await Promise.all([freshDatabase(40), openHarness(localEnv)]);
}, 120_000);
afterAll(async () => {
  await harness?.close();
  await database?.close();
});

/** A real campaign's delivery: Temporal, workflow, gate and ledger are the product's; what is around it is made up. */
async function run(
  { stage, moment }: Case,
  command: (campaign: Campaign) => Promise<void>,
  body: (campaign: Campaign, handedAt: readonly number[], commanded: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const { db } = database;
  const campaigns = createCampaignsStore(db.app);
  const handedAt: number[] = [];
  const sender = fakeSender(async () => {
    handedAt.push(Date.now());
    await sleep(20);
    return { kind: 'accepted', providerId: 'x' };
  }, 2);
  let seeded: SeededCampaign | undefined;
  let campaign: Campaign | undefined;
  let given: Promise<void> | undefined;
  /** Once: a stage that is begun again after a retry does not command again. */
  const giveNow = (at: (typeof MOMENTS)[number], inStage: Stage): Promise<void> => {
    if (at !== moment || inStage !== stage || campaign === undefined) return Promise.resolve();
    return (given ??= command(campaign));
  };
  let stageNow: Stage = 'define';
  const real = (): DeliveryActivities => {
    if (seeded === undefined) throw new Error('the audience is not frozen yet');
    return deliveryBench(db, seeded, sender, { batchSize: 10 }).activities;
  };
  const over = {
    plan: {
      pilot: { observeSeconds: 1 },
      experiment: { windowSeconds: 1, onNoWinner: 'stop-without-sending' as const, earlyLooks: 0 },
      rollout: { waves: [0.5, 1], observeSeconds: 1 },
    },
    activities: {
      freezeAudience: async ({ campaignId }: { campaignId: string }) => {
        seeded = await seedCampaign(db, { campaignId, people: PEOPLE });
        await db.app`
          update audience_members m set part = (${[...PART_OF]}::text[])[1 + x.n % 3],
            arm = case when x.n % 3 = 2 then null else 'a' end
          from (select profile_id, row_number() over (order by profile_id) as n
            from audience_members where campaign_id = ${campaignId}) x
          where m.campaign_id = ${campaignId} and m.profile_id = x.profile_id`;
        return { ...AUDIENCE, members: PEOPLE, parts: { pilot: THIRD, test: THIRD, rollout: THIRD } };
      },
      setHold: ({ campaignId, hold }: { campaignId: string; hold: 'run' | 'paused' | 'aborted' }) =>
        campaigns.setHold(campaignId, hold),
      beginStage: async (input: { stage: Stage }) => {
        stageNow = input.stage;
        await giveNow('begins', input.stage);
      },
      endStage: (input: { stage: Stage }) => giveNow('ends', input.stage),
      planWave: (input: Parameters<DeliveryActivities['planWave']>[0]) =>
        real().planWave({ ...input, shardSize: 10 }),
      sendShard: async (input: Parameters<DeliveryActivities['sendShard']>[0]) => {
        const sending = real().sendShard(input);
        // Not waited for: it is to go on while the command is on its way.
        void giveNow('sends', stageNow);
        return sending;
      },
      waveCounts: (input: Parameters<DeliveryActivities['waveCounts']>[0]) => real().waveCounts(input),
      dueShards: (input: Parameters<DeliveryActivities['dueShards']>[0]) => real().dueShards(input),
      closeWave: (input: Parameters<DeliveryActivities['closeWave']>[0]) => real().closeWave(input),
      closeAborted: (input: { campaignId: string }) => real().closeAborted(input),
    },
  };
  await withCampaign(harness, over, async (started) => {
    campaign = started;
    await started.until(waiting, PATIENCE_MS);
    await started.handle.executeUpdate(decideUpdate, { args: [decision()] });
    await body(started, handedAt, async () => {
      const giveUp = Date.now() + PATIENCE_MS;
      while (given === undefined && Date.now() < giveUp) await sleep(10);
      if (given === undefined) throw new Error('the stage was not reached');
      await given;
    });
  });
}

let commands = 0;
const asked = (): Command => ({ commandId: `hold-${(commands += 1)}`, by: 'paul' });

/** Messages that may be out when a command at this moment is in force: [least, most]. */
function outAt({ stage, moment }: Case): readonly [number, number] {
  const before = STAGES.indexOf(stage) * THIRD;
  switch (moment) {
    case 'begins':
      return [before, before];
    case 'sends':
      return [before, before + THIRD];
    case 'ends':
      return [before + THIRD, before + THIRD];
  }
}

function expectOut(at: Case, handedOver: number): void {
  const [least, most] = outAt(at);
  expect([at, handedOver]).toEqual([at, Math.min(most, Math.max(least, handedOver))]);
}

/** Hand-overs later after `since` than what is allowed, up to `until`. */
const late = (handedAt: readonly number[], since: number, until: number): number =>
  handedAt.filter((at) => at > since + QUIET_AFTER_MS && at < until).length;

async function ledgerOf(campaignId: string) {
  const { app } = database.db;
  const waves = await countsByWave(app, campaignId);
  const twice = await app`
    select profile_id from deliveries where campaign_id = ${campaignId} and state = 'accepted'
    group by profile_id having count(*) > 1`;
  return { waves, twice: twice.length };
}

test('a pause around a change of stage: quiet within two seconds, and after it everybody gets it, once', async () => {
  await inEveryStage(async (at) => {
    let answeredAt = 0;
    const pause = async ({ handle }: Campaign): Promise<void> => {
      expect((await handle.executeUpdate(pauseUpdate, { args: [asked()] })).hold).toBe('paused');
      answeredAt = Date.now();
    };
    await run(at, pause, async ({ id, handle, result }, handedAt, commanded) => {
      await commanded();
      await sleep(WATCH_MS);
      const [row] = await database.db.app`select hold from campaigns where id = ${id}`;
      expect(row).toEqual({ hold: 'paused' });
      const before = handedAt.length;
      const resumedAt = Date.now();
      await handle.executeUpdate(resumeUpdate, { args: [asked()] });
      expect((await result()).end).toBe('completed');
      expect([at, late(handedAt, answeredAt, resumedAt)]).toEqual([at, 0]);
      expectOut(at, before);
      expect(handedAt).toHaveLength(PEOPLE);
      const { waves, twice } = await ledgerOf(id);
      expect(waves).toHaveLength(4);
      expect(waves.every(isComplete)).toBe(true);
      expect(waves.reduce((sum, wave) => sum + wave.accepted, 0)).toBe(PEOPLE);
      expect(twice).toBe(0);
      expect(await contactsOutOfStep(database.db, id)).toBe(0);
    });
  });
}, 180_000);

test('an abort around a change of stage: quiet within two seconds, and every wave that was begun adds up', async () => {
  await inEveryStage(async (at) => {
    let answeredAt = 0;
    const abort = async ({ handle }: Campaign): Promise<void> => {
      expect((await handle.executeUpdate(abortUpdate, { args: [asked()] })).hold).toBe('aborted');
      answeredAt = Date.now();
    };
    await run(at, abort, async ({ id, result }, handedAt, commanded) => {
      await commanded();
      expect([at, (await result()).end]).toEqual([at, 'aborted']);
      await sleep(Math.max(0, answeredAt + WATCH_MS - Date.now()));
      expect([at, late(handedAt, answeredAt, Infinity)]).toEqual([at, 0]);
      expectOut(at, handedAt.length);
      const { waves, twice } = await ledgerOf(id);
      expect(waves.every(isComplete)).toBe(true);
      expect(waves.reduce((sum, wave) => sum + wave.accepted, 0)).toBe(handedAt.length);
      expect(twice).toBe(0);
      expect(await contactsOutOfStep(database.db, id)).toBe(0);
      const [open] = await database.db.app`
          select count(*) as n from waves where campaign_id = ${id} and ended_at is null`;
      expect(open).toEqual({ n: 0 });
    });
  });
}, 180_000);
