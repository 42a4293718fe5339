import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDiskBlobStore } from '../../../adapters/assets/disk-blob-store';
import { createCreativesActivities } from '../../../activities/creatives';
import { createDryRunRenderer } from '../../../activities/creatives/dry-run';
import { createPreviews } from '../../../activities/creatives/previews';
import { loadBrands } from '../../../config/brands';
import { defaultPolicies } from '../../../config/policies/delivery';
import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { createAudienceStore } from '../../../store/audience-store';
import { createCampaignsStore } from '../../../store/campaigns-store';
import { createPoliciesStore } from '../../../store/policies-store';
import { createCreativesStore } from '../../../store/creatives-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { plainScenario } from '../../support/scenario';

const campaignId = 'ccreatives00';
const scenario = scenarioSchema.parse(
  plainScenario({
    audience: { segment: 'adultes', personas: ['adultes'], fallbackPersona: 'autres' },
    arms: [
      { key: 'temoin', label: 'Témoin', weight: 1, control: true },
      { key: 'a', label: 'A', weight: 1 },
      { key: 'b', label: 'B', weight: 1, content: { subject: 'Une autre idée' } },
    ],
    experiment: { testShare: 0.5 },
  }),
);

let fresh: FreshDatabase;
let folder: string;
let rendering: Parameters<typeof createCreativesActivities>[0];
let activities: ReturnType<typeof createCreativesActivities>;

beforeEach(async () => {
  fresh = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), 'creatives-'));
  const sql = fresh.db.app;
  const definition = sql.json(JSON.parse(JSON.stringify(scenario)));
  await sql`insert into persona_matrix_versions (version, csv, sha256, created_by) values (1, '', '', 'alice')`;
  for (const [ordinal, segment] of ['adultes', 'autres', 'personne'].entries()) {
    await sql`insert into persona_matrix_rows (version, ordinal, segment_id, value_tier, behavior_cluster, state, key_message, visual_guideline, offer_code)
      values (1, ${ordinal}, ${segment}, 'm', 'r', 'a', 'La livraison est offerte.', ${`Salon ${segment}`}, 'AUTOMNE')`;
  }
  await sql`insert into scenarios (key, version, status, definition, created_by) values (${scenario.key}, 1, 'validated', ${definition}, 'alice')`;
  await sql`insert into campaigns (id, scenario_key, scenario_version, scenario, matrix_version, seed, workflow_id, created_by, stage)
    values (${campaignId}, ${scenario.key}, 1, ${definition}, 1, 's', ${`campaign.${campaignId}`}, 'alice', 'qa')`;
  await sql`insert into audiences (campaign_id, matched, excluded, holdout, members, arms, parts, personas, definition_sha256)
    values (${campaignId}, 3, '{}', 0, 3, '{}', '{"pilot":0,"test":3,"rollout":0}', '{"adultes":2,"autres":1}', 'def')`;
  rendering = {
    store: createCreativesStore(sql),
    campaigns: createCampaignsStore(sql),
    audiences: createAudienceStore(fresh.db),
    policies: createPoliciesStore(sql),
    blobs: createDiskBlobStore(folder),
    brandOf: (key) => {
      const brand = loadBrands().get(key);
      if (brand === undefined) throw new Error('no brand');
      return brand;
    },
    publicUrl: 'https://crm.example.test',
    picturesDir: folder,
    policyVersion: '1',
  };
  activities = createCreativesActivities(rendering);
});
afterEach(async () => {
  await fresh.close();
  await rm(folder, { recursive: true, force: true });
});

const renderAll = async () => {
  const tasks = await activities.planCreatives({ campaignId });
  const made = [];
  for (const task of tasks) made.push(await activities.renderCreative({ campaignId, ...task }));
  return made;
};

test('every persona of the audience gets every arm that sends, once', async () => {
  expect(await activities.planCreatives({ campaignId })).toEqual([
    { step: 'first', channel: 'email', persona: 'adultes', arm: 'a' },
    { step: 'first', channel: 'email', persona: 'adultes', arm: 'b' },
    { step: 'first', channel: 'email', persona: 'autres', arm: 'a' },
    { step: 'first', channel: 'email', persona: 'autres', arm: 'b' },
  ]);
  const made = await renderAll();
  expect(made.map((m) => m.status)).toEqual(Array(4).fill('passed'));
  expect(await activities.planCreatives({ campaignId })).toEqual([]);

  const again = await activities.renderCreative({
    campaignId,
    step: 'first',
    channel: 'email',
    persona: 'adultes',
    arm: 'a',
  });
  expect(again.creativeId).toBe(made[0]?.creativeId);
  expect(await rendering.store.list(campaignId)).toHaveLength(4);

  const [first] = await rendering.store.forSending(campaignId, 'first');
  expect(first).toMatchObject({
    persona: 'adultes',
    arm: 'a',
    subject: scenario.content.subject,
    links: [{ index: 0, url: scenario.content.ctaUrl }],
  });
  expect(first?.html).toContain(`https://crm.example.test/assets/${first?.heroSha}.jpg`);
  expect(await rendering.blobs.get(first?.heroSha ?? '')).not.toBeNull();
  const noted = await fresh.db.app<{ n: number }[]>`select count(*) as n from blobs`;
  expect(noted[0]?.n).toBeGreaterThanOrEqual(3);
});

test('a rejected arm is made again once it is revised, and what was approved no longer holds', async () => {
  await rendering.store.revise(campaignId, {
    of: { arm: 'b' },
    content: { body: 'Bonjour {{ prenom }}' },
    by: 'bob',
  });
  const made = await renderAll();
  expect(made.map((m) => m.status)).toEqual(['passed', 'reject', 'passed', 'reject']);
  const before = await activities.creativesSummary({ campaignId });
  expect(before).toMatchObject({ rendered: 4, rejected: 2 });
  expect(before.findings).toBeGreaterThanOrEqual(2);
  expect((await rendering.store.forSending(campaignId, 'first')).map((c) => c.arm)).toEqual(['a', 'a']);
  expect(await activities.planCreatives({ campaignId })).toEqual([]);

  await rendering.store.revise(campaignId, {
    of: { arm: 'b' },
    content: { body: 'Bonjour à vous.' },
    by: 'bob',
    comment: 'sans prénom',
  });
  expect((await activities.planCreatives({ campaignId })).map((t) => t.arm)).toEqual(['b', 'b']);
  await renderAll();
  const after = await activities.creativesSummary({ campaignId });
  expect(after).toMatchObject({ rendered: 4, rejected: 0 });
  expect(after.subjectHash).not.toBe(before.subjectHash);

  const revisions = await fresh.db.app<{ revision: number; comment: string | null; subject: string }[]>`
    select revision, comment, subject from creatives where arm = 'b' and persona = 'adultes' order by revision`;
  expect(revisions).toEqual([
    { revision: 1, comment: 'sans prénom', subject: 'Une autre idée' },
    { revision: 2, comment: null, subject: 'Une autre idée' },
  ]);
});

test('an approval is for exactly these creatives, people, plan and policy', async () => {
  await renderAll();
  const { subjectHash } = await activities.creativesSummary({ campaignId });
  expect((await activities.creativesSummary({ campaignId })).subjectHash).toBe(subjectHash);
  const other = createCreativesActivities({ ...rendering, policyVersion: '2' });
  expect((await other.creativesSummary({ campaignId })).subjectHash).not.toBe(subjectHash);
  await fresh.db.app`update audiences set members = 4 where campaign_id = ${campaignId}`;
  expect((await activities.creativesSummary({ campaignId })).subjectHash).not.toBe(subjectHash);
});

test.each([
  ['an unknown campaign', 'cnobody00000', 'a', 'not-found'],
  ['an unknown arm', campaignId, 'z', 'not-found'],
])('%s takes no revision', async (_, id, arm, code) => {
  await expect(
    rendering.store.revise(id, { of: { arm }, content: { body: 'x' }, by: 'bob' }),
  ).rejects.toMatchObject({
    code,
  });
});

test.each([
  ['stage', 'experiment', 'conflict'],
  ['end', 'aborted', 'campaign-ended'],
])('words are not changed under way (%s %s)', async (column, value, code) => {
  await fresh.db.app`update campaigns set ${fresh.db.app(column)} = ${value} where id = ${campaignId}`;
  await expect(
    rendering.store.revise(campaignId, { of: { arm: 'a' }, content: { body: 'x' }, by: 'bob' }),
  ).rejects.toMatchObject({ code });
});

test('a missing picture is a warning with a plain one in its place', async () => {
  await rendering.store.revise(campaignId, {
    of: { arm: 'a' },
    content: { heroAsset: 'absent.jpg' },
    by: 'bob',
  });
  const made = await activities.renderCreative({
    campaignId,
    step: 'first',
    channel: 'email',
    persona: 'adultes',
    arm: 'a',
  });
  expect(made).toMatchObject({ status: 'passed', blocking: 0, warnings: 1 });
  const [row] = await rendering.store.list(campaignId);
  expect(row).toMatchObject({
    heroIsFallback: true,
    findings: [{ check: 'hero-fallback', severity: 'warning' }],
  });
});

test('a dry run judges the same and keeps nothing', async () => {
  const report = await createDryRunRenderer(rendering)(
    { ...scenario, content: { ...scenario.content, body: '{{ x }}' } },
    ['adultes', 'autres'],
  );
  expect(report).toMatchObject({ rendered: 4, rejected: 4 });
  expect(report.findings.length).toBeGreaterThanOrEqual(4);
  expect(await rendering.store.latest(campaignId)).toEqual([]);
});

test('approvers see a picture of each', async () => {
  await rendering.store.revise(campaignId, {
    of: { arm: 'a' },
    content: { headline: '{{ person.firstName | default: "Bonjour" }}' },
    by: 'bob',
  });
  await renderAll();
  const previews = await createPreviews(rendering)(campaignId);
  expect(previews.map((p) => p.label)).toEqual([
    'E-mail · a · adultes',
    'E-mail · b · adultes',
    'E-mail · a · autres',
    'E-mail · b · autres',
  ]);
  for (const { png } of previews) expect(Buffer.from(png.subarray(1, 4)).toString()).toBe('PNG');
});

/** The campaign's own scenario as this changes it. */
const rewrite = (change: object) =>
  fresh.db
    .app`update campaigns set scenario = scenario || ${fresh.db.app.json(JSON.parse(JSON.stringify(change)))} where id = ${campaignId}`;
const relance = {
  key: 'relance',
  after: 'first',
  when: 'not-clicked',
  afterSeconds: 60,
  channels: ['sms', 'letter'],
  content: { headline: 'Derniers jours' },
};

test('every step is made for every channel it may take, and one step’s sending gets its own', async () => {
  await createPoliciesStore(fresh.db.app).seedEmptyKinds(defaultPolicies());
  await rewrite({ channels: ['push', 'email'], letter: { kind: 'tracked' }, steps: [relance] });
  const tasks = await activities.planCreatives({ campaignId });
  expect([...new Set(tasks.map(({ step, channel }) => `${step} ${channel}`))]).toEqual([
    'first push',
    'first email',
    'relance sms',
    'relance letter',
  ]);
  expect(tasks).toHaveLength(16);
  expect((await renderAll()).map((made) => made.status)).toEqual(Array(16).fill('passed'));
  expect(await activities.planCreatives({ campaignId })).toEqual([]);
  const [row] = await fresh.db.app<{ n: number }[]>`select count(*) as n from creatives where hero is null`;
  expect(row?.n).toBe(12);

  const sending = await rendering.store.forSending(campaignId, 'relance');
  expect(new Set(sending.map(({ channel }) => channel))).toEqual(new Set(['sms', 'letter']));
  const sms = sending.find(({ channel }) => channel === 'sms');
  expect(sms?.text).toBe('Derniers jours {{ links[0] }}\nSTOP au 36180');
  const cost = (channel: string) => sending.find((c) => c.channel === channel)?.unitMicros;
  expect([cost('sms'), cost('letter')]).toEqual([45_000, 1_890_000]);
  // A service message's own step is the first.
  const messages = await rendering.store.forSending(campaignId, 'm.abc');
  expect(new Set(messages.map(({ step, channel }) => `${step} ${channel}`))).toEqual(
    new Set(['first push', 'first email']),
  );

  const before = await activities.creativesSummary({ campaignId });
  await createPoliciesStore(fresh.db.app).put(
    'unit-cost',
    'sms-segment',
    { channel: 'sms', microsPerUnit: 60_000 },
    'bob',
  );
  expect((await activities.planCreatives({ campaignId })).map(({ channel }) => channel)).toEqual(
    Array(4).fill('sms'),
  );
  await renderAll();
  expect((await activities.creativesSummary({ campaignId })).subjectHash).not.toBe(before.subjectHash);
});

test('a later step’s words are revised by themselves', async () => {
  await rewrite({ channels: ['email'], steps: [{ ...relance, channels: ['sms'] }] });
  await renderAll();
  await rendering.store.revise(campaignId, {
    of: { step: 'relance' },
    content: { headline: 'Plus que deux jours' },
    by: 'bob',
  });
  expect((await activities.planCreatives({ campaignId })).map(({ step }) => step)).toEqual(
    Array(4).fill('relance'),
  );
  await renderAll();
  const texts = (await rendering.store.latest(campaignId)).map(({ step, text }) => [
    step,
    text.split(' {{')[0],
  ]);
  expect(texts.filter(([step]) => step === 'relance').map(([, text]) => text)).toEqual(
    Array(4).fill('Plus que deux jours'),
  );
  await expect(
    rendering.store.revise(campaignId, { of: { step: 'jamais' }, content: { headline: 'x' }, by: 'bob' }),
  ).rejects.toMatchObject({ code: 'not-found' });
});

test('where people may still come in, every persona of the scenario is made', async () => {
  await rewrite({
    kind: 'triggered',
    triggered: { periodSeconds: 86_400 },
    audience: { segment: 'adultes', personas: ['adultes', 'personne'], fallbackPersona: 'autres' },
  });
  await fresh.db.app`delete from audiences`;
  const tasks = await activities.planCreatives({ campaignId });
  expect([...new Set(tasks.map(({ persona }) => persona))]).toEqual(['adultes', 'autres', 'personne']);
});

test('approvers see each channel and later step named, an SMS by its words', async () => {
  await rewrite({
    audience: { segment: 'adultes', personas: ['adultes'] },
    channels: ['push', 'email'],
    steps: [{ ...relance, channels: ['sms'] }],
  });
  await renderAll();
  const previews = await createPreviews(rendering)(campaignId);
  expect(previews.map((p) => p.label)).toEqual([
    'E-mail · a · adultes',
    'E-mail · b · adultes',
    'Push · a · adultes',
    'Push · b · adultes',
    'SMS · relance · a · adultes',
    'SMS · relance · b · adultes',
  ]);
  expect(previews[4]).toMatchObject({
    subject: '',
    words: `Derniers jours ${scenario.content.ctaUrl}\nSTOP au 36180`,
  });
});
