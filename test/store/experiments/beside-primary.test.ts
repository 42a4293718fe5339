import { createExperimentsActivities } from '../../../activities/experiments';
import type { ScenarioInput } from '../../../domain/campaigns/scenario';
import { createCampaignPageStore } from '../../../store/campaign-page-store';
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

/** Half of them in arm `a`, half in the control, all let through by the gate at once. */
async function gated(
  people: number,
  measures: Partial<NonNullable<ScenarioInput['experiment']>> = {},
): Promise<SeededCampaign & { readonly a: readonly number[]; readonly none: readonly number[] }> {
  const campaign = await seedCampaign(fresh.db, {
    people,
    arms: [{ key: 'none', control: true }, { key: 'a' }],
    scenario: {
      experiment: { testShare: 1, minPerArm: 1, ...measures },
      primaryMetric: { event: 'visit', windowSeconds: 60 },
    },
  });
  const { campaignId, profileIds } = campaign;
  const [none, a] = [0, 1].map((arm) => profileIds.filter((_, i) => i % 2 === arm)) as [number[], number[]];
  const sent = a.map((profileId) => ({ profileId, arm: 'a', state: 'accepted' }));
  await recordWave(fresh.db, { campaignId, wave: 'test', part: 'test' }, sent, GATED);
  const withheld = none.map((profileId) => ({ profileId, arm: 'none', allowed: true }));
  await recordControl(fresh.db, { campaignId, wave: 'test' }, withheld, GATED);
  return { ...campaign, a, none };
}

const happened = async (type: string, profileIds: readonly number[], seconds: number): Promise<void> => {
  for (const profileId of profileIds) await recordEvent(fresh.db, { profileId, type, at: at(seconds) });
};

async function moved(segment: string, profileId: number, entered: boolean, seconds: number): Promise<void> {
  await fresh.db.app`
    insert into membership_changes (segment, version, profile_id, entered, at, cause)
    values (${segment}, 1, ${profileId}, ${entered}, ${at(seconds)}::timestamptz, 'event')`;
}

describe('who of a test was in a segment', () => {
  const visits = { metric: 'visit', windowSeconds: 60, segments: ['city'] };
  const bySegment = (campaignId: string, segments = ['city']) =>
    createExperimentsStore(fresh.db.app).outcomesBySegment({ ...visits, campaignId, segments });

  test('is what held when the gate judged them: not what came after, nor what had ended', async () => {
    const { campaignId, a, none } = await gated(10);
    const [stays, left, back, late, never] = a as [number, number, number, number, number];
    await moved('city', stays, true, -100);
    await moved('city', left, true, -100);
    await moved('city', left, false, -50);
    await moved('city', back, true, -100);
    await moved('city', back, false, -50);
    await moved('city', back, true, 0);
    await moved('city', late, true, 0.001);
    // Moved out by the message, or so it may be: inside all the same.
    await moved('city', stays, false, 10);
    await moved('village', never, true, -100);
    await moved('city', none[0]!, true, -1);
    await happened('visit', [stays, left, never, none[1]!], 5);
    await happened('visit', [back], 60);

    expect(await bySegment(campaignId)).toEqual([
      { segment: 'city', inside: false, arm: 'a', n: 3, events: 2 },
      { segment: 'city', inside: false, arm: 'none', n: 4, events: 1 },
      { segment: 'city', inside: true, arm: 'a', n: 2, events: 1 },
      { segment: 'city', inside: true, arm: 'none', n: 1, events: 0 },
    ]);
    expect(await bySegment(campaignId, ['village', 'city'])).toHaveLength(7);
    expect(await bySegment(campaignId, [])).toEqual([]);
  });

  test('adds up to the outcomes of the test, whatever became of the messages and the people', async () => {
    const { campaignId, a, none } = await gated(40);
    await fresh.db.app`
      update deliveries set state = (array['accepted', 'failed', 'uncertain', 'skipped'])[1 + profile_id % 4], reason = 'cap', code = '550'
      where campaign_id = ${campaignId}`;
    await fresh.db
      .app`update control_gate set allowed = profile_id % 5 <> 0 where campaign_id = ${campaignId}`;
    for (const profileId of [...a.slice(0, 9), ...none.slice(0, 9)])
      await moved('city', profileId, true, -10);
    // Merged into somebody after they were sent to: in the segment by their own number, judged by who stands for them.
    await fresh.db.app`update profiles set merged_into = ${none[19]!} where id = ${a[0]!}`;
    await happened('visit', [...a.slice(4, 14), ...none.slice(6, 12), none[19]!], 5);

    const store = createExperimentsStore(fresh.db.app);
    const cells = await bySegment(campaignId);
    const inAll = await store.outcomes({ ...visits, campaignId });
    expect(inAll.map(({ events }) => events).every((events) => events > 0)).toBe(true);
    for (const { arm, n, events } of inAll) {
      const own = cells.filter((cell) => cell.arm === arm);
      expect(own.map(({ inside }) => inside)).toEqual([false, true]);
      expect(own.reduce((sum, cell) => sum + cell.n, 0)).toBe(n);
      expect(own.reduce((sum, cell) => sum + cell.events, 0)).toBe(events);
    }
  });
});

test('evaluating counts every metric and group that was declared, keeps them, and decides by none of them', async () => {
  const { campaignId, a, none } = await gated(1_200, {
    secondaryMetrics: [
      { event: 'purchase', windowSeconds: 30 },
      { event: 'return', windowSeconds: 60, direction: 'decrease' },
    ],
    northStar: { event: 'subscribed', windowSeconds: 60 },
    subPopulations: { segments: ['city'], personas: ['habitues'] },
  });
  // The primary metric does not move; purchases do, within their own window; returns go the wrong way.
  await happened('visit', [...a.slice(0, 60), ...none.slice(0, 60)], 5);
  await happened('purchase', a.slice(0, 120), 29);
  await happened('purchase', none.slice(0, 40), 5);
  await happened('purchase', none.slice(40, 200), 31);
  await happened('return', a.slice(0, 90), 59);
  await happened('return', none.slice(0, 20), 59);
  for (const profileId of [...a.slice(0, 100), ...none.slice(60, 160)])
    await moved('city', profileId, true, -1);

  const store = createExperimentsStore(fresh.db.app);
  const { evaluate } = createExperimentsActivities({ store, revision: 'test' });
  expect(await evaluate({ campaignId, look: 1 })).toMatchObject({ action: 'no-winner', arm: null });

  const kept = await store.evaluation(campaignId);
  expect(kept?.inputs.otherMetrics?.map(({ role, event, cells }) => [role, event, cells])).toEqual([
    ['north-star', 'subscribed', cellsOf(0, 0)],
    ['secondary', 'purchase', cellsOf(120, 40)],
    ['secondary', 'return', cellsOf(90, 20)],
  ]);
  expect(kept?.result.otherMetrics).toMatchObject([
    { effects: [{ arm: 'a', verdict: 'too-few', p: 1 }] },
    { effects: [{ arm: 'a', n: 600, rate: 0.2, referenceRate: 40 / 600, verdict: 'better' }] },
    { effects: [{ arm: 'a', verdict: 'worse' }] },
  ]);
  expect(kept?.result.groups).toMatchObject([
    { kind: 'segment', group: 'city', effects: [{ n: 100, rate: 0.6, referenceRate: 0, verdict: 'better' }] },
    { kind: 'outside', group: 'city', effects: [{ n: 500, pAdjusted: null, verdict: 'exploratory' }] },
    { kind: 'persona', group: 'habitues', effects: [{ n: 600, difference: 0, verdict: 'no-difference' }] },
  ]);
  expect(kept?.result.groups?.[0]?.differs[0]?.pAdjusted).toBeLessThan(1e-6);
  expect(await createCampaignPageStore(fresh.db.app).looks(campaignId)).toEqual([
    { look: 1, result: kept?.result },
  ]);
});

const cellsOf = (a: number, none: number) => [
  { arm: 'a', persona: 'habitues', n: 600, events: a },
  { arm: 'none', persona: 'habitues', n: 600, events: none },
];
