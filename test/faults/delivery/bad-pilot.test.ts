import { setTimeout as sleep } from 'node:timers/promises';
import type { DeliveryActivities, IncidentsActivities } from '../../../activities/contract';
import { createGuardrailsActivities } from '../../../activities/experiments/watch-guardrails';
import { judgeSending } from '../../../domain/experiments/wave-watch';
import type { End } from '../../../domain/shared/words';
import { createCampaignsStore } from '../../../store/campaigns-store';
import { createExperimentsStore } from '../../../store/experiments-store';
import { readCampaignFacts } from '../../../store/improvement/campaign-facts';
import { createIncidentsStore } from '../../../store/incidents-store';
import { abortUpdate, decideUpdate } from '../../../workflows/campaign/contract';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender } from '../../support/delivery-bench';
import { seedCampaign, type SeededCampaign } from '../../support/seed-campaign';
import { localEnv } from '../../support/temporal';
import {
  decision,
  openHarness,
  waiting,
  withCampaign,
  type Harness,
} from '../../workflow/support/campaign-harness';
import { AUDIENCE } from '../../workflow/support/fake-activities';

const PEOPLE = 6_000;
/** Three times the limit. */
const EVERY = 66;
const QUIET_AFTER_MS = 2_000;
const PATIENCE_MS = 60_000;

let database: FreshDatabase;
let harness: Harness;
beforeAll(async () => {
  [database, harness] = await Promise.all([freshDatabase(40), openHarness(localEnv)]);
}, 120_000);
afterAll(async () => {
  await harness?.close();
  await database?.close();
});

test('a pilot that too many leave is held within two seconds of the answer that is one too many', async () => {
  const { db } = database;
  const campaigns = createCampaignsStore(db.app);
  const incidents = createIncidentsStore(db.app);
  const experiments = createExperimentsStore(db.app);
  const handedAt: number[] = [];
  const answeredAt: number[] = [];
  let campaignId = '';
  const sender = fakeSender(async () => {
    const nth = handedAt.push(Date.now());
    await sleep(20);
    // Whoever leaves does so a moment after they were written to.
    if (nth % EVERY === 0) setTimeout(() => void leave(), 200);
    return { kind: 'accepted', providerId: 'x' };
  }, 8);
  const leave = async (): Promise<void> => {
    const { count } = await db.app`
      insert into events (id, profile_id, type, at, campaign_id, delivery_id)
      select 'left' || d.id, d.profile_id, 'message.unsubscribed', now(), d.campaign_id, d.id from deliveries d
      where d.campaign_id = ${campaignId} and d.state = 'accepted'
        and not exists (select from events e where e.delivery_id = d.id and e.type = 'message.unsubscribed')
      limit 1`;
    if (count > 0) answeredAt.push(Date.now());
  };
  let seeded: SeededCampaign | undefined;
  const real = (): DeliveryActivities => {
    if (seeded === undefined) throw new Error('the audience is not frozen yet');
    return deliveryBench(db, seeded, sender, { batchSize: 500 }).activities;
  };
  const over = {
    plan: { pilot: { observeSeconds: 60 }, experiment: null, rollout: { waves: [1], observeSeconds: 1 } },
    activities: {
      freezeAudience: async (input: { campaignId: string }) => {
        campaignId = input.campaignId;
        seeded = await seedCampaign(db, { campaignId, people: PEOPLE, part: 'pilot' });
        return { ...AUDIENCE, members: PEOPLE, parts: { pilot: PEOPLE, test: 0, rollout: 0 } };
      },
      setHold: (input: { campaignId: string; hold: 'run' | 'paused' | 'aborted' }) =>
        campaigns.setHold(input.campaignId, input.hold),
      endCampaign: (input: { campaignId: string; end: End; reason: string }) =>
        campaigns.end(input.campaignId, input.end, input.reason),
      openIncident: async (input: Parameters<IncidentsActivities['openIncident']>[0]) => {
        await incidents.open({ details: {}, ...input });
      },
      planWave: (input: Parameters<DeliveryActivities['planWave']>[0]) => real().planWave(input),
      sendShard: (input: Parameters<DeliveryActivities['sendShard']>[0]) => real().sendShard(input),
      waveCounts: (input: Parameters<DeliveryActivities['waveCounts']>[0]) => real().waveCounts(input),
      dueShards: (input: Parameters<DeliveryActivities['dueShards']>[0]) => real().dueShards(input),
      closeWave: (input: Parameters<DeliveryActivities['closeWave']>[0]) => real().closeWave(input),
      closeAborted: (input: { campaignId: string }) => real().closeAborted(input),
      ...createGuardrailsActivities({ store: experiments, heartbeat: () => {}, cancelled: () => false }),
    },
  };
  await withCampaign(harness, over, async ({ handle, until, result }) => {
    await until(waiting, PATIENCE_MS);
    await handle.executeUpdate(decideUpdate, { args: [decision()] });
    await until((s) => s.hold === 'paused', PATIENCE_MS);
    await sleep(QUIET_AFTER_MS + 1_000);
    const out = handedAt.length;
    await sleep(1_000);
    expect(handedAt).toHaveLength(out);
    expect(out).toBeLessThan(PEOPLE);

    // The answer that first crossed, by the messages that were out when it came.
    const { guardrails } = await experiments.scenario(campaignId);
    const nth = answeredAt.findIndex((at, i) => {
      const accepted = handedAt.filter((handed) => handed < at).length;
      const outcome = { accepted, failed: 0, uncertain: 0, unsubscribed: i + 1, complained: 0 };
      return !judgeSending(outcome, guardrails).ok;
    });
    const crossedAt = answeredAt[nth] ?? NaN;
    const last = handedAt.at(-1) ?? NaN;
    expect(last - crossedAt).toBeLessThan(QUIET_AFTER_MS);
    const before = handedAt.filter((at) => at < crossedAt).length;
    // In hand when it was crossed: a batch of each of two shards at the most.
    expect(out).toBeLessThanOrEqual(1.2 * before + 2 * 500);
    const [incident] = await incidents.list(campaignId);
    expect(incident?.message).toMatch(/^Wave pilot: Guardrail crossed: unsubscribe/);
    expect((await readCampaignFacts(db.app, campaignId))?.pauses).toMatchObject([{ gone: out }]);
    await handle.executeUpdate(abortUpdate, { args: [{ commandId: 'end', by: 'paul' }] });
    expect((await result()).end).toBe('aborted');
  });
}, 180_000);
