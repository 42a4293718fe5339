import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { seedCampaign } from '../../support/seed-campaign';

let api: ApiUnderTest;
const id = 'cresults2222';
beforeAll(async () => {
  api = await apiUnderTest();
  const { profileIds } = await seedCampaign(api.database.db, { campaignId: id, people: 10 });
  const { app } = api.database.db;
  await app`
    insert into waves (campaign_id, step, wave, part, planned, withheld, started_at)
    values (${id}, 'first', 'test', 'test', 10, 2, now() - interval '60 seconds')`;
  await app`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, reason, settled_at)
    select ${id}, 'first', p, 'test', 'a', 'habitues', 'email', (array['accepted', 'accepted', 'accepted', 'skipped', 'failed', 'uncertain'])[n], 'x', now()
    from unnest(${profileIds.slice(0, 6)}::bigint[]) with ordinality as t (p, n)`;
  await app`
    insert into backlog_items (id, campaign_id, title, why, revenue_potential, difficulty, statistical_feasibility, priority)
    values ('b1', ${id}, 'Essayer un autre objet', 'parce que', 4, 2, 3, 6)`;
  await app`
    insert into test_log_entries (campaign_id, context, hypothesis, implementation, result, insight, next_step)
    values (${id}, 'c', 'h', 'i', 'r', 'in', 'n')`;
});
afterAll(() => api.close());

test('a campaign shows its counts, its rate and the time left', async () => {
  const shown = (await api.call('GET', `/v1/campaigns/${id}`)).json();
  const counts = { planned: 10, accepted: 3, failed: 1, skipped: 1, uncertain: 1, open: 4 };
  expect(shown.deliveries).toEqual(counts);
  expect(shown.waves).toMatchObject([{ wave: 'test', ...counts, withheld: 2 }]);
  expect(shown.waves[0].perSecond).toBeCloseTo(0.1, 1);
  expect(shown.waves[0].secondsLeft).toBeGreaterThanOrEqual(40);
  await api.database.db.app`update campaigns set hold = 'paused' where id = ${id}`;
  expect((await api.call('GET', `/v1/campaigns/${id}`)).json().waves[0]).toMatchObject({
    perSecond: null,
    secondsLeft: null,
  });
});

test('deliveries by state and wave, page by page', async () => {
  const states: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const page: { items: { state: string }[]; next: string | null } = (
      await api.call('GET', `/v1/campaigns/${id}/deliveries`, {
        query: { limit: '4', ...(next === '' ? {} : { after: next }) },
      })
    ).json();
    states.push(...page.items.map((delivery) => delivery.state));
    next = page.next;
  }
  expect(states).toEqual(['accepted', 'accepted', 'accepted', 'skipped', 'failed', 'uncertain']);
  expect(
    (await api.call('GET', `/v1/campaigns/${id}/deliveries?state=uncertain&wave=test`)).json().items,
  ).toHaveLength(1);
  expect((await api.call('GET', `/v1/campaigns/${id}/deliveries?wave=pilot`)).json().items).toEqual([]);
  expect((await api.call('GET', `/v1/campaigns/${id}/deliveries?state=lost`)).statusCode).toBe(400);
  expect((await api.call('GET', '/v1/campaigns/cnothing/deliveries')).statusCode).toBe(404);
});

test('the report as JSON and as Markdown', async () => {
  const json = await api.call('GET', `/v1/campaigns/${id}/report`, { as: 'viewer' });
  expect(json.json()).toMatchObject({
    campaignId: id,
    end: null,
    deliveries: { planned: 10, accepted: 3 },
    backlog: [{ id: 'b1', priority: 6 }],
  });
  const markdown = await api.call('GET', `/v1/campaigns/${id}/report`, {
    headers: { accept: 'text/markdown' },
  });
  expect(markdown.headers['content-type']).toContain('text/markdown');
  expect(markdown.body).toMatch(/^# /);
  expect((await api.call('GET', '/v1/campaigns/cnothing/report')).statusCode).toBe(404);
});

test('what to try next, and what was learnt', async () => {
  expect((await api.call('GET', '/v1/backlog')).json().items).toMatchObject([
    { id: 'b1', campaignId: id, revenuePotential: 4, difficulty: 2, statisticalFeasibility: 3, priority: 6 },
  ]);
  expect((await api.call('GET', '/v1/test-log')).json().items).toMatchObject([
    { campaignId: id, insight: 'in', nextStep: 'n' },
  ]);
});

test('creatives with their findings, and new words for an arm before it is approved', async () => {
  const { app } = api.database.db;
  await app`update campaigns set hold = 'run', stage = 'qa' where id = ${id}`;
  await app`insert into findings (creative_id, "check", severity, message) select id, 'alt-text', 'blocking', 'no alt' from creatives where campaign_id = ${id}`;
  const { items } = (await api.call('GET', `/v1/campaigns/${id}/creatives`, { as: 'viewer' })).json();
  expect(items).toMatchObject([
    {
      arm: 'a',
      persona: 'habitues',
      status: 'passed',
      findings: [{ check: 'alt-text', severity: 'blocking', path: null }],
    },
  ]);

  const revise = (body: unknown, as: 'editor' | 'viewer' = 'editor') =>
    api.call('POST', `/v1/campaigns/${id}/creatives/revise`, { as, body });
  const good = { arm: 'a', content: { subject: 'Un autre objet' }, comment: 'plus court' };
  const revised = await revise(good);
  expect([revised.statusCode, api.temporal.commands.at(-1)]).toMatchObject([
    202,
    { kind: 'revised', command: { by: 'editor' } },
  ]);
  const [row] = await app<
    { subject: string }[]
  >`select scenario #>> '{arms,0,content,subject}' as subject from campaigns where id = ${id}`;
  expect(row?.subject).toBe('Un autre objet');

  expect((await revise(good, 'viewer')).statusCode).toBe(403);
  expect((await revise({ ...good, arm: 'z' })).json().code).toBe('not-found');
  expect((await revise({ arm: 'a', content: { headlines: 'x' } })).json().faults).toMatchObject([
    { path: '/content/headlines' },
  ]);
  await app`update campaigns set stage = 'pilot' where id = ${id}`;
  expect((await revise(good)).json().code).toBe('conflict');
  expect((await api.call('GET', '/v1/campaigns/cnothing/creatives')).statusCode).toBe(404);
});
