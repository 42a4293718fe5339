import { load } from 'cheerio';
import { createExperimentsActivities } from '../../../activities/experiments';
import { createExperimentsStore } from '../../../store/experiments-store';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { seedCampaign } from '../../support/seed-campaign';
import { recordControl, recordEvent, recordWave } from '../../store/experiments/test-wave';

const GATED = '2026-06-01T08:00:00Z';
const later = (seconds: number): string => new Date(Date.parse(GATED) + seconds * 1_000).toISOString();

let api: ApiUnderTest;
let people: readonly number[];
const campaignId = 'clooks000001';
const wave = { campaignId, wave: 'test', part: 'test' };
const read = (path: string) => api.call('GET', `/v1/campaigns/${campaignId}/${path}`, { as: 'viewer' });
const visit = (profileId: number | undefined, seconds: number) =>
  recordEvent(api.database.db, { profileId: profileId ?? 0, type: 'visit', at: later(seconds) });

beforeAll(async () => {
  api = await apiUnderTest();
  const { db } = api.database;
  const campaign = await seedCampaign(db, {
    campaignId,
    people: 400,
    arms: [{ key: 'none', control: true }, { key: 'a' }],
    scenario: { experiment: { testShare: 1, minPerArm: 50, earlyLooks: 2 } },
  });
  people = campaign.profileIds;
  await recordWave(
    db,
    wave,
    people.filter((_, i) => i % 2 === 1).map((profileId) => ({ profileId, arm: 'a', state: 'accepted' })),
    GATED,
  );
  await recordControl(
    db,
    wave,
    people.filter((_, i) => i % 2 === 0).map((profileId) => ({ profileId, arm: 'none', allowed: true })),
    GATED,
  );
  const { evaluate } = createExperimentsActivities({
    store: createExperimentsStore(db.app),
    revision: 'then',
  });
  for (const look of [1, 2, 3]) {
    for (const i of [1, 3, 5, 2].map((n) => n + 8 * look)) await visit(people[i], 10 * look);
    await evaluate({ campaignId, look });
  }
});
afterAll(() => api.close());

test('every look is there with the code that judged it, and what became of its messages', async () => {
  const { items } = (await read('evaluations')).json();
  expect(items.map((one: { look: number; revision: string }) => [one.look, one.revision])).toEqual([
    [1, 'then'],
    [2, 'then'],
    [3, 'then'],
  ]);
  expect(items[2].evaluation).toMatchObject({
    sends: [{ arm: 'a', accepted: 200, unsubscribed: 0, complained: 0 }],
    otherMetrics: [],
    arms: [
      { arm: 'none', n: 200, events: 3 },
      { arm: 'a', n: 200, events: 9 },
    ],
  });
});

test('a look is computed again to the last digit, and what differs is named', async () => {
  const again = (await read('evaluations/2?again=true')).json();
  expect(again).toMatchObject({ look: 2, now: null, again: { same: true, differs: [] } });
  expect(again.again.revision).toMatch(/^\d+\.\d+\.\d+/);
  const sql = api.database.db.app;
  await sql`update evaluations set result = jsonb_set(result, '{comparisons,0,p}', '0.5') where campaign_id = ${campaignId} and look = 2`;
  expect((await read('evaluations/2?again=true')).json().again).toMatchObject({
    same: false,
    differs: ['/comparisons/0/p'],
  });
});

test('what came in late is told, and re-opens nothing', async () => {
  expect((await read('evaluations/3?counted=now')).json().now).toMatchObject({
    late: [
      { arm: 'none', people: 0, events: 0 },
      { arm: 'a', people: 0, events: 0 },
    ],
    turned: false,
  });
  // In the window, and told late; after the window.
  for (let i = 101; i < 201; i += 2) await visit(people[i], 50);
  await visit(people[300], 61);
  const before = (await read('evaluations/3')).json();
  const { now, ...rest } = (await read('evaluations/3?counted=now')).json();
  expect(now).toMatchObject({
    late: [
      { arm: 'none', people: 0, events: 0 },
      { arm: 'a', people: 0, events: 50 },
    ],
    decision: { action: 'ship', arm: 'a' },
    turned: true,
  });
  expect({ ...rest, now: null }).toEqual(before);
  expect((await read('evaluations/2?counted=now')).json()).toMatchObject({ code: 'conflict' });
});

test.each([
  ['evaluations/4', 404],
  ['evaluations/0', 400],
  ['evaluations/x', 400],
  ['evaluations/1?again=perhaps', 400],
])('%s: %i', async (path, status) => {
  expect((await read(path)).statusCode).toBe(status);
});

test('a campaign that is not there, and one whose test was not looked at', async () => {
  const of = (id: string, what: string) => api.call('GET', `/v1/campaigns/${id}/${what}`, { as: 'viewer' });
  expect((await of('cnone0000001', 'evaluations')).statusCode).toBe(404);
  await seedCampaign(api.database.db, { campaignId: 'clooks000002', people: 1 });
  expect((await of('clooks000002', 'evaluations')).json()).toEqual({ items: [] });
  expect((await of('clooks000002', 'figures/forest.svg')).statusCode).toBe(404);
});

test('the drawings are files that stand by themselves', async () => {
  const forest = await read('figures/forest.svg');
  expect(forest.headers['content-type']).toContain('image/svg+xml');
  const $ = load(forest.body, { xml: true });
  expect($('svg.forest')).toHaveLength(1);
  expect($('text.name').text()).toBe('a − none');
  const drawn = load((await read('figures/timeline.svg')).body, { xml: true });
  expect(drawn('svg.timeline')).toHaveLength(1);
  expect(drawn('svg.timeline circle')).toHaveLength(3);
  expect(drawn('svg.timeline').attr('aria-label')).toMatch(/^a: look 1: .* points to .* points; look 2: /);
  const report = await read('report?format=markdown');
  expect(report.body).toContain(`![Forest plot](/v1/campaigns/${campaignId}/figures/forest.svg)`);
  expect(report.body).toContain(`/v1/campaigns/${campaignId}/figures/timeline.svg`);
});
