import { createPreviews } from '../../../activities/creatives/previews';
import { defaultPolicies } from '../../../config/policies/delivery';
import { createPoliciesStore } from '../../../store/policies-store';
import { campaignId, creativesUnderTest, scenario, type CreativesUnderTest } from '../../support/creatives';

let campaign: CreativesUnderTest;
beforeEach(async () => {
  campaign = await creativesUnderTest();
});
afterEach(() => campaign.close());

/** The campaign's own scenario as this changes it. */
const rewrite = (change: object) =>
  campaign.sql`update campaigns set scenario = scenario || ${campaign.sql.json(JSON.parse(JSON.stringify(change)))} where id = ${campaignId}`;
const relance = {
  key: 'relance',
  after: 'first',
  when: 'not-clicked',
  afterSeconds: 60,
  channels: ['sms', 'letter'],
  content: { headline: 'Derniers jours' },
};

test('every step is made for every channel it may take, and one step’s sending gets its own', async () => {
  await createPoliciesStore(campaign.sql).seedEmptyKinds(defaultPolicies());
  await rewrite({ channels: ['push', 'email'], letter: { kind: 'tracked' }, steps: [relance] });
  const tasks = await campaign.activities.planCreatives({ campaignId });
  expect([...new Set(tasks.map(({ step, channel }) => `${step} ${channel}`))]).toEqual([
    'first push',
    'first email',
    'relance sms',
    'relance letter',
  ]);
  expect(tasks).toHaveLength(16);
  expect((await campaign.renderAll()).map((made) => made.status)).toEqual(Array(16).fill('passed'));
  expect(await campaign.activities.planCreatives({ campaignId })).toEqual([]);
  const [row] = await campaign.sql<{ n: number }[]>`select count(*) as n from creatives where hero is null`;
  expect(row?.n).toBe(12);

  const sending = await campaign.rendering.store.forSending(campaignId, 'relance');
  expect(new Set(sending.map(({ channel }) => channel))).toEqual(new Set(['sms', 'letter']));
  const sms = sending.find(({ channel }) => channel === 'sms');
  expect(sms?.text).toBe('Derniers jours {{ links[0] }}\nSTOP au 36180');
  const cost = (channel: string) => sending.find((c) => c.channel === channel)?.unitMicros;
  expect([cost('sms'), cost('letter')]).toEqual([45_000, 1_890_000]);
  // A service message's own step is the first.
  const messages = await campaign.rendering.store.forSending(campaignId, 'm.abc');
  expect(new Set(messages.map(({ step, channel }) => `${step} ${channel}`))).toEqual(
    new Set(['first push', 'first email']),
  );

  const before = await campaign.activities.creativesSummary({ campaignId });
  await createPoliciesStore(campaign.sql).put(
    'unit-cost',
    'sms-segment',
    { channel: 'sms', microsPerUnit: 60_000 },
    'bob',
  );
  expect((await campaign.activities.planCreatives({ campaignId })).map(({ channel }) => channel)).toEqual(
    Array(4).fill('sms'),
  );
  await campaign.renderAll();
  expect((await campaign.activities.creativesSummary({ campaignId })).subjectHash).not.toBe(
    before.subjectHash,
  );
});

test('a later step’s words are revised by themselves', async () => {
  await rewrite({ channels: ['email'], steps: [{ ...relance, channels: ['sms'] }] });
  await campaign.renderAll();
  await campaign.rendering.store.revise(campaignId, {
    of: { step: 'relance' },
    content: { headline: 'Plus que deux jours' },
    by: 'bob',
  });
  expect((await campaign.activities.planCreatives({ campaignId })).map(({ step }) => step)).toEqual(
    Array(4).fill('relance'),
  );
  await campaign.renderAll();
  const texts = (await campaign.rendering.store.latest(campaignId)).map(({ step, text }) => [
    step,
    text.split(' {{')[0],
  ]);
  expect(texts.filter(([step]) => step === 'relance').map(([, text]) => text)).toEqual(
    Array(4).fill('Plus que deux jours'),
  );
  await expect(
    campaign.rendering.store.revise(campaignId, {
      of: { step: 'jamais' },
      content: { headline: 'x' },
      by: 'bob',
    }),
  ).rejects.toMatchObject({ code: 'not-found' });
});

test('where people may still come in, every persona of the scenario is made', async () => {
  await rewrite({
    kind: 'triggered',
    triggered: { periodSeconds: 86_400 },
    audience: { segment: 'adultes', personas: ['adultes', 'personne'], fallbackPersona: 'autres' },
  });
  await campaign.sql`delete from audiences`;
  const tasks = await campaign.activities.planCreatives({ campaignId });
  expect([...new Set(tasks.map(({ persona }) => persona))]).toEqual(['adultes', 'autres', 'personne']);
});

test('approvers see each channel and later step named, an SMS by its words', async () => {
  await rewrite({
    audience: { segment: 'adultes', personas: ['adultes'] },
    channels: ['push', 'email'],
    steps: [{ ...relance, channels: ['sms'] }],
  });
  await campaign.renderAll();
  const previews = await createPreviews(campaign.rendering)(campaignId);
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
