import { createCreativesActivities } from '../../../activities/creatives';
import { createDryRunRenderer } from '../../../activities/creatives/dry-run';
import { createPreviews } from '../../../activities/creatives/previews';
import { campaignId, creativesUnderTest, scenario, type CreativesUnderTest } from '../../support/creatives';

let campaign: CreativesUnderTest;
beforeEach(async () => {
  campaign = await creativesUnderTest();
});
afterEach(() => campaign.close());

test('every persona of the audience gets every arm that sends, once', async () => {
  expect(await campaign.activities.planCreatives({ campaignId })).toEqual([
    { step: 'first', channel: 'email', persona: 'adultes', arm: 'a' },
    { step: 'first', channel: 'email', persona: 'adultes', arm: 'b' },
    { step: 'first', channel: 'email', persona: 'autres', arm: 'a' },
    { step: 'first', channel: 'email', persona: 'autres', arm: 'b' },
  ]);
  const made = await campaign.renderAll();
  expect(made.map((m) => m.status)).toEqual(Array(4).fill('passed'));
  expect(await campaign.activities.planCreatives({ campaignId })).toEqual([]);

  const again = await campaign.activities.renderCreative({
    campaignId,
    step: 'first',
    channel: 'email',
    persona: 'adultes',
    arm: 'a',
  });
  expect(again.creativeId).toBe(made[0]?.creativeId);
  expect(await campaign.rendering.store.list(campaignId)).toHaveLength(4);

  const [first] = await campaign.rendering.store.forSending(campaignId, 'first');
  expect(first).toMatchObject({
    persona: 'adultes',
    arm: 'a',
    subject: scenario.content.subject,
    links: [{ index: 0, url: scenario.content.ctaUrl }],
  });
  expect(first?.html).toContain(`https://crm.example.test/assets/${first?.heroSha}.jpg`);
  expect(await campaign.rendering.blobs.get(first?.heroSha ?? '')).not.toBeNull();
  const noted = await campaign.sql<{ n: number }[]>`select count(*) as n from blobs`;
  expect(noted[0]?.n).toBeGreaterThanOrEqual(3);
});

test('a rejected arm is made again once it is revised, and what was approved no longer holds', async () => {
  await campaign.rendering.store.revise(campaignId, {
    of: { arm: 'b' },
    content: { body: 'Bonjour {{ prenom }}' },
    by: 'bob',
  });
  const made = await campaign.renderAll();
  expect(made.map((m) => m.status)).toEqual(['passed', 'reject', 'passed', 'reject']);
  const before = await campaign.activities.creativesSummary({ campaignId });
  expect(before).toMatchObject({ rendered: 4, rejected: 2 });
  expect(before.findings).toBeGreaterThanOrEqual(2);
  expect((await campaign.rendering.store.forSending(campaignId, 'first')).map((c) => c.arm)).toEqual([
    'a',
    'a',
  ]);
  expect(await campaign.activities.planCreatives({ campaignId })).toEqual([]);

  await campaign.rendering.store.revise(campaignId, {
    of: { arm: 'b' },
    content: { body: 'Bonjour à vous.' },
    by: 'bob',
    comment: 'sans prénom',
  });
  expect((await campaign.activities.planCreatives({ campaignId })).map((t) => t.arm)).toEqual(['b', 'b']);
  await campaign.renderAll();
  const after = await campaign.activities.creativesSummary({ campaignId });
  expect(after).toMatchObject({ rendered: 4, rejected: 0 });
  expect(after.subjectHash).not.toBe(before.subjectHash);

  const revisions = await campaign.sql<{ revision: number; comment: string | null; subject: string }[]>`
    select revision, comment, subject from creatives where arm = 'b' and persona = 'adultes' order by revision`;
  expect(revisions).toEqual([
    { revision: 1, comment: 'sans prénom', subject: 'Une autre idée' },
    { revision: 2, comment: null, subject: 'Une autre idée' },
  ]);
});

test('an approval is for exactly these creatives, people, plan and policy', async () => {
  await campaign.renderAll();
  const { subjectHash } = await campaign.activities.creativesSummary({ campaignId });
  expect((await campaign.activities.creativesSummary({ campaignId })).subjectHash).toBe(subjectHash);
  const other = createCreativesActivities({ ...campaign.rendering, policyVersion: '2' });
  expect((await other.creativesSummary({ campaignId })).subjectHash).not.toBe(subjectHash);
  await campaign.sql`update audiences set members = 4 where campaign_id = ${campaignId}`;
  expect((await campaign.activities.creativesSummary({ campaignId })).subjectHash).not.toBe(subjectHash);
});

test.each([
  ['an unknown campaign', 'cnobody00000', 'a', 'not-found'],
  ['an unknown arm', campaignId, 'z', 'not-found'],
])('%s takes no revision', async (_, id, arm, code) => {
  await expect(
    campaign.rendering.store.revise(id, { of: { arm }, content: { body: 'x' }, by: 'bob' }),
  ).rejects.toMatchObject({
    code,
  });
});

test.each([
  ['stage', 'experiment', 'conflict'],
  ['end', 'aborted', 'campaign-ended'],
])('words are not changed under way (%s %s)', async (column, value, code) => {
  await campaign.sql`update campaigns set ${campaign.sql(column)} = ${value} where id = ${campaignId}`;
  await expect(
    campaign.rendering.store.revise(campaignId, { of: { arm: 'a' }, content: { body: 'x' }, by: 'bob' }),
  ).rejects.toMatchObject({ code });
});

test('a missing picture is a warning with a plain one in its place', async () => {
  await campaign.rendering.store.revise(campaignId, {
    of: { arm: 'a' },
    content: { heroAsset: 'absent.jpg' },
    by: 'bob',
  });
  const made = await campaign.activities.renderCreative({
    campaignId,
    step: 'first',
    channel: 'email',
    persona: 'adultes',
    arm: 'a',
  });
  expect(made).toMatchObject({ status: 'passed', blocking: 0, warnings: 1 });
  const [row] = await campaign.rendering.store.list(campaignId);
  expect(row).toMatchObject({
    heroIsFallback: true,
    findings: [{ check: 'hero-fallback', severity: 'warning' }],
  });
});

test('a dry run judges the same and keeps nothing', async () => {
  const report = await createDryRunRenderer(campaign.rendering)(
    { ...scenario, content: { ...scenario.content, body: '{{ x }}' } },
    ['adultes', 'autres'],
  );
  expect(report).toMatchObject({ rendered: 4, rejected: 4 });
  expect(report.findings.length).toBeGreaterThanOrEqual(4);
  expect(await campaign.rendering.store.latest(campaignId)).toEqual([]);
});

test('approvers see a picture of each', async () => {
  await campaign.rendering.store.revise(campaignId, {
    of: { arm: 'a' },
    content: { headline: '{{ person.firstName | default: "Bonjour" }}' },
    by: 'bob',
  });
  await campaign.renderAll();
  const previews = await createPreviews(campaign.rendering)(campaignId);
  expect(previews.map((p) => p.label)).toEqual([
    'E-mail · a · adultes',
    'E-mail · b · adultes',
    'E-mail · a · autres',
    'E-mail · b · autres',
  ]);
  for (const { png } of previews) expect(Buffer.from(png.subarray(1, 4)).toString()).toBe('PNG');
});
