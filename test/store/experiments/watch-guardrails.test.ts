import { setTimeout as sleep } from 'node:timers/promises';
import { createExperimentsActivities } from '../../../activities/experiments';
import { createGuardrailsActivities } from '../../../activities/experiments/watch-guardrails';
import { GUARDRAIL_PAUSE } from '../../../domain/incidents/incident';
import { createCampaignsStore } from '../../../store/campaigns-store';
import { createExperimentsStore } from '../../../store/experiments-store';
import { createIncidentsStore } from '../../../store/incidents-store';
import { databaseForEach } from '../../support/database';
import { seedCampaign } from '../../support/seed-campaign';
import { recordEvent } from './test-wave';

const base = databaseForEach(6);
const CAMPAIGN = 'cwatched1111';
const pilot = { campaignId: CAMPAIGN, step: 'first', wave: 'pilot' };

let people: readonly number[];
beforeEach(async () => {
  const { db } = base;
  ({ profileIds: people } = await seedCampaign(db, { campaignId: CAMPAIGN, people: 60, part: 'pilot' }));
  await db.app`
    insert into waves (campaign_id, step, wave, part, planned) values (${CAMPAIGN}, 'first', 'pilot', 'pilot', 60)`;
});

const activities = (cancelled = () => false) =>
  createGuardrailsActivities({
    store: createExperimentsStore(base.db.app),
    heartbeat: () => {},
    cancelled,
  });
const watch = (): ReturnType<ReturnType<typeof activities>['watchGuardrails']> =>
  activities().watchGuardrails({ campaignId: CAMPAIGN });

/** Takes these people's messages as handed over, and of the first so many an answer. */
async function sent(from: number, to: number, answered: number, state = 'accepted'): Promise<void> {
  for (const [n, profileId] of people.slice(from, to).entries()) {
    const [row] = await base.db.app<{ id: number }[]>`
      insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, settled_at)
      values (${CAMPAIGN}, 'first', ${profileId}, 'pilot', 'a', 'habitues', 'email', ${state}, clock_timestamp())
      returning id`;
    if (n < answered)
      await recordEvent(base.db, {
        profileId,
        type: 'message.unsubscribed',
        at: new Date().toISOString(),
        campaignId: CAMPAIGN,
        deliveryId: row?.id ?? 0,
      });
  }
}

test('a wave is watched from its first message on, and told within a second of the answer that is too many', async () => {
  await sent(0, 20, 4);
  const watched = watch().then((found) => ({ found, at: Date.now() }));
  await sleep(600);
  await sent(20, 22, 2);
  const told = Date.now();
  const { found, at } = await watched;
  expect(found).toMatchObject({
    state: 'crossed',
    words: expect.stringContaining('Wave pilot: Guardrail crossed: unsubscribe'),
  });
  expect(found.guardrails.find(({ metric }) => metric === 'unsubscribe')).toMatchObject({
    n: expect.any(Number),
    crossed: true,
    limit: 0.005,
  });
  expect(at - told).toBeLessThan(1_000);
});

test('failures are counted without any answer', async () => {
  await sent(0, 20, 0, 'failed');
  expect(await watch()).toMatchObject({
    state: 'crossed',
    words: expect.stringContaining('delivery-failure'),
  });
});

test('held for a guardrail and resumed, it is judged by what it sends anew, at its end too', async () => {
  await sent(0, 30, 10);
  const { judgeWave } = createExperimentsActivities({
    store: createExperimentsStore(base.db.app),
    revision: 'test',
  });
  expect((await judgeWave(pilot)).ok).toBe(false);
  await createIncidentsStore(base.db.app).open({
    campaignId: CAMPAIGN,
    kind: `${GUARDRAIL_PAUSE}.now`,
    message: 'm',
    details: {},
  });
  await sent(30, 34, 4);
  expect((await judgeWave(pilot)).ok).toBe(true);
  const watched = watch();
  await sleep(600);
  await sent(34, 40, 6);
  const { state, guardrails } = await watched;
  expect(state).toBe('crossed');
  expect(guardrails.find(({ metric }) => metric === 'unsubscribe')?.n).toBeLessThanOrEqual(10);
});

test('it ends with the campaign, and when nobody waits for it', async () => {
  const watched = watch();
  await createCampaignsStore(base.db.app).end(CAMPAIGN, 'completed', '');
  expect(await watched).toMatchObject({ state: 'over' });
  const unheard = activities(() => true).watchGuardrails({ campaignId: CAMPAIGN });
  await expect(unheard).rejects.toMatchObject({ name: 'CancelledFailure' });
});

test('what a message of an arm cost is told of the test alone, and of what was accepted', async () => {
  const { app } = base.db;
  await app`
    insert into waves (campaign_id, step, wave, part, planned) values (${CAMPAIGN}, 'first', 'test', 'test', 6)`;
  const rows = [
    ['test', 'a', 'accepted', 60_000],
    ['test', 'a', 'accepted', 30_000],
    ['test', 'b', 'accepted', null],
    ['test', 'b', 'failed', 90_000],
    ['pilot', 'b', 'accepted', 90_000],
  ] as const;
  for (const [n, [wave, arm, state, cost]] of rows.entries())
    await app`
      insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, cost_micros)
      values (${CAMPAIGN}, 'first', ${people[n] ?? 0}, ${wave}, ${arm}, 'habitues', 'sms', ${state}, ${cost})`;
  expect(await createExperimentsStore(app).armCosts(CAMPAIGN)).toEqual({ a: 45_000, b: 0 });
});
