import { createExperimentsActivities } from '../../../activities/experiments';
import { createExperimentsStore } from '../../../store/experiments-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { seedCampaign, type SeededCampaign } from '../../support/seed-campaign';
import { recordControl, recordEvent, recordWave } from './test-wave';

const GATED = '2026-11-01T10:00:00.000Z';
const at = (seconds: number): string => new Date(Date.parse(GATED) + seconds * 1_000).toISOString();

let fresh: FreshDatabase;
beforeEach(async () => {
  fresh = await freshDatabase(3);
});
afterEach(async () => {
  await fresh.close();
});

const campaign = (people: number): Promise<SeededCampaign> =>
  seedCampaign(fresh.db, {
    people,
    arms: [{ key: 'none', control: true }, { key: 'a' }],
    scenario: {
      experiment: { testShare: 1, minPerArm: 1 },
      primaryMetric: { event: 'visit', windowSeconds: 60 },
    },
  });

describe('outcomes of a test', () => {
  test('what became of the messages of each arm, of the test alone, once a message', async () => {
    const { db } = fresh;
    const { campaignId, profileIds } = await campaign(6);
    const [, first, , second, , piloted] = profileIds.map(Number);
    await recordWave(
      db,
      { campaignId, wave: 'test', part: 'test' },
      [
        { profileId: first!, arm: 'a', state: 'accepted' },
        { profileId: second!, arm: 'a', state: 'accepted' },
      ],
      GATED,
    );
    await recordWave(
      db,
      { campaignId, wave: 'pilot', part: 'pilot' },
      [{ profileId: piloted!, arm: 'a', state: 'accepted' }],
      GATED,
    );
    await db.app`
      insert into events (id, profile_id, type, at, campaign_id, delivery_id)
      select type || n || d.id, profile_id, type, now(), campaign_id, d.id
      from deliveries d cross join unnest(array['message.unsubscribed', 'message.clicked']) type cross join generate_series(1, 2) n
      where profile_id in (${first!}, ${piloted!})`;
    const { sends } = await createExperimentsStore(db.app).testCounts({
      campaignId,
      metric: 'visit',
      windowSeconds: 60,
    });
    expect(sends).toEqual([{ arm: 'a', accepted: 2, unsubscribed: 1, complained: 0 }]);
  });

  test('everyone the gate allowed, in every arm, whatever became of the message, each person once', async () => {
    const { db } = fresh;
    const { campaignId, profileIds } = await campaign(14);
    const [control1, sent1, control2, sent2, control3, sent3, , sent4, , sent5, , sent6] =
      profileIds.map(Number);
    await recordWave(
      db,
      { campaignId, wave: 'test', part: 'test', withheld: 3 },
      [
        { profileId: sent1!, arm: 'a', state: 'accepted' },
        { profileId: sent2!, arm: 'a', state: 'failed', code: '550' },
        { profileId: sent3!, arm: 'a', state: 'uncertain', reason: 'worker-lost', persona: 'vip' },
        { profileId: sent4!, arm: 'a', state: 'skipped', reason: 'left-segment' },
        { profileId: sent5!, arm: 'a', state: 'planned', reason: 'quiet-hours' },
      ],
      GATED,
    );
    // A pilot's people are no part of the test.
    await recordWave(
      db,
      { campaignId, wave: 'pilot', part: 'pilot' },
      [{ profileId: sent6!, arm: 'a', state: 'accepted' }],
      GATED,
    );
    await recordControl(
      db,
      { campaignId, wave: 'test' },
      [
        { profileId: control1!, arm: 'none', allowed: true },
        { profileId: control2!, arm: 'none', allowed: true },
        { profileId: control3!, arm: 'none', allowed: false },
      ],
      GATED,
    );
    const visits: [number, string, number][] = [
      [sent1!, 'visit', 0],
      [sent1!, 'visit', 30],
      [sent2!, 'visit', 59.9],
      [sent3!, 'visit', 60],
      [sent3!, 'purchase', 10],
      [sent4!, 'visit', 10],
      [sent6!, 'visit', 10],
      [control1!, 'visit', -1],
      [control2!, 'visit', 20],
      [control3!, 'visit', 20],
    ];
    for (const [profileId, type, seconds] of visits)
      await recordEvent(db, { profileId, type, at: at(seconds) });

    const store = createExperimentsStore(db.app);
    const { cells, assigned } = await store.testCounts({ campaignId, metric: 'visit', windowSeconds: 60 });
    expect(cells).toEqual([
      { arm: 'a', persona: 'habitues', n: 2, events: 2 },
      { arm: 'a', persona: 'vip', n: 1, events: 0 },
      { arm: 'none', persona: 'habitues', n: 2, events: 1 },
    ]);
    expect(assigned).toEqual({ a: 7, none: 7 });
    expect(await store.testCounts({ campaignId: 'cother', metric: 'visit', windowSeconds: 60 })).toEqual({
      cells: [],
      windows: [],
      assigned: {},
      sends: [],
    });
  });

  test('evaluating keeps the first judgement of a look, with what it was made from', async () => {
    const { db } = fresh;
    const { campaignId, profileIds } = await campaign(200);
    const arm = (i: number) => (i % 2 === 0 ? 'none' : 'a');
    const of = (key: string) => profileIds.filter((_, i) => arm(i) === key);
    await recordWave(
      db,
      { campaignId, wave: 'test', part: 'test', withheld: 100 },
      of('a').map((profileId) => ({ profileId, arm: 'a', state: 'accepted' })),
      GATED,
    );
    await recordControl(
      db,
      { campaignId, wave: 'test' },
      of('none').map((profileId) => ({ profileId, arm: 'none', allowed: true })),
      GATED,
    );
    for (const profileId of [...of('a').slice(0, 40), ...of('none').slice(0, 10)]) {
      await recordEvent(db, { profileId, type: 'visit', at: at(5) });
    }

    const store = createExperimentsStore(db.app);
    const { evaluate } = createExperimentsActivities({ store, revision: 'test' });
    const decision = await evaluate({ campaignId, look: 1 });
    expect(decision).toMatchObject({ action: 'ship', arm: 'a' });
    expect(decision.reasons[0]).toContain('a wins: visit 40.00% against 10.00% in none, +30.00 points');

    for (const profileId of of('none')) await recordEvent(db, { profileId, type: 'visit', at: at(6) });
    expect(await evaluate({ campaignId, look: 1 })).toEqual(decision);
    const [row] = await db.app<
      { decision: unknown }[]
    >`select decision from campaigns where id = ${campaignId}`;
    expect(row?.decision).toEqual(decision);

    expect((await evaluate({ campaignId, look: 2 })).action).toBe('no-winner');
    const latest = await store.evaluation(campaignId);
    expect(latest).toMatchObject({ look: 2, inputs: { metric: 'visit', windowSeconds: 60 } });
    expect((await store.evaluation(campaignId, 1))?.inputs.cells).toEqual([
      { arm: 'a', persona: 'habitues', n: 100, events: 40 },
      { arm: 'none', persona: 'habitues', n: 100, events: 10 },
    ]);
  });

  test('a gate that lets one arm through more than the other makes the test invalid', async () => {
    const { db } = fresh;
    const { campaignId, profileIds } = await campaign(400);
    const treated = profileIds.filter((_, i) => i % 2 === 1);
    await recordWave(
      db,
      { campaignId, wave: 'test', part: 'test' },
      treated.map((profileId, i) => ({
        profileId,
        arm: 'a',
        state: i < 100 ? 'skipped' : 'accepted',
        reason: 'cap',
      })),
      GATED,
    );
    await recordControl(
      db,
      { campaignId, wave: 'test' },
      profileIds
        .filter((_, i) => i % 2 === 0)
        .map((profileId) => ({ profileId, arm: 'none', allowed: true })),
      GATED,
    );
    const { evaluate } = createExperimentsActivities({
      store: createExperimentsStore(db.app),
      revision: 'test',
    });
    const decision = await evaluate({ campaignId, look: 1 });
    expect(decision).toMatchObject({ action: 'invalid', arm: null });
    expect(decision.reasons[0]).toContain('(none 200, a 100;');
  });

  test('a campaign without a test, or no campaign at all, is a fault that is not retried', async () => {
    await seedCampaign(fresh.db, { people: 1 });
    const { evaluate, judgeWave } = createExperimentsActivities({
      store: createExperimentsStore(fresh.db.app),
      revision: 'test',
    });
    await expect(evaluate({ campaignId: 'cseedaaaaaaa', look: 1 })).rejects.toMatchObject({
      nonRetryable: true,
      type: 'conflict',
    });
    await expect(judgeWave({ campaignId: 'cnone', step: 'first', wave: 'test' })).rejects.toMatchObject({
      nonRetryable: true,
      type: 'not-found',
    });
  });
});

describe('judging a wave', () => {
  test('counts the wave alone, each message once a kind, and stops it by its bound', async () => {
    const { db } = fresh;
    const { campaignId, profileIds } = await seedCampaign(db, {
      people: 300,
      part: 'pilot',
      arms: [{ key: 'a' }],
    });
    const pilot = profileIds.slice(0, 200);
    const later = profileIds.slice(200);
    const person = (profileId: number) => ({ profileId, arm: 'a', state: 'accepted' });
    const ids = await recordWave(db, { campaignId, wave: 'pilot', part: 'pilot' }, pilot.map(person), GATED);
    const laterIds = await recordWave(
      db,
      { campaignId, wave: 'rollout-1', part: 'rollout' },
      later.map(person),
      GATED,
    );
    const happened = (profileId: number, type: string) =>
      recordEvent(db, {
        profileId,
        type,
        at: at(9),
        campaignId,
        deliveryId: ids.get(profileId) ?? laterIds.get(profileId)!,
      });
    for (const profileId of pilot.slice(0, 4)) {
      await happened(profileId, 'message.unsubscribed');
      await happened(profileId, 'message.unsubscribed');
    }
    for (const profileId of later.slice(0, 50)) await happened(profileId, 'message.unsubscribed');

    const store = createExperimentsStore(db.app);
    const { judgeWave } = createExperimentsActivities({ store, revision: 'test' });
    const wave = { campaignId, step: 'first', wave: 'pilot' };
    const four = await judgeWave(wave);
    // 2 % unsubscribed is four times the limit, and four people are anecdotes.
    expect(four).toMatchObject({ ok: true });
    expect(four.guardrails[0]).toMatchObject({
      metric: 'unsubscribe',
      n: 200,
      events: 4,
      limit: 0.005,
      crossed: false,
    });

    await happened(pilot[4]!, 'message.unsubscribed');
    await happened(pilot[5]!, 'message.complained');
    const five = await judgeWave(wave);
    expect(five.ok).toBe(false);
    expect(five.words).toContain(
      'Guardrail crossed: unsubscribe 2.50% (5 of 200; at least 0.99% with 95% confidence), limit 0.50%.',
    );
    expect(five.guardrails[1]).toMatchObject({ metric: 'complaint', events: 1, crossed: false });
    expect(await store.waveOutcome(campaignId, null)).toMatchObject({
      accepted: 300,
      unsubscribed: 55,
      complained: 1,
    });
  });

  test('messages that fail stop it too; one that was never sent does not', async () => {
    const { db } = fresh;
    const { campaignId, profileIds } = await seedCampaign(db, {
      people: 100,
      part: 'pilot',
      arms: [{ key: 'a' }],
    });
    await recordWave(
      db,
      { campaignId, wave: 'pilot', part: 'pilot' },
      profileIds.map((profileId, i) => ({
        profileId,
        arm: 'a',
        state: i < 15 ? 'failed' : 'accepted',
        code: '550',
      })),
      GATED,
    );
    const { judgeWave } = createExperimentsActivities({
      store: createExperimentsStore(db.app),
      revision: 'test',
    });
    const verdict = await judgeWave({ campaignId, step: 'first', wave: 'pilot' });
    expect(verdict.ok).toBe(false);
    expect(verdict.words).toContain('delivery-failure 15.00% (15 of 100');
    const nothing = await judgeWave({ campaignId, step: 'first', wave: 'rollout-1' });
    expect(nothing).toMatchObject({ ok: true });
    expect(nothing.words).toContain('unsubscribe 0.00% (0 of 0)');
  });
});
