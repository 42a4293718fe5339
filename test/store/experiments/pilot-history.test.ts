import { createExperimentsStore } from '../../../store/experiments-store';
import { databaseForEach } from '../../support/database';
import { seedCampaign, seedPeople } from '../../support/seed-campaign';
import { recordEvent, recordWave } from './test-wave';

const base = databaseForEach(4);
const ago = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();

test('a pilot is held against what other campaigns of its kind sent to its area before', async () => {
  const { db } = base;
  const people = await seedPeople(db, 60);
  await db.app`update profiles set area = case when id = any(${people.slice(0, 40)}::bigint[]) then '75' else '13' end`;
  const sent = (from: number, to: number) =>
    people.slice(from, to).map((profileId) => ({ profileId, arm: 'a', state: 'accepted' as const }));
  const campaign = (campaignId: string, nature: 'promotion' | 'newsletter') =>
    seedCampaign(db, {
      campaignId,
      people,
      nature,
      part: 'rollout',
      scenario: { pilot: { area: '75', observeSeconds: 86_400, history: { days: 90 } } },
    });
  await campaign('cpilot111111', 'promotion');
  await campaign('cpast1111111', 'promotion');
  await campaign('cletter11111', 'newsletter');
  const visit = (profileId: number, days: number) =>
    recordEvent(db, { profileId, type: 'visit', at: ago(days) });

  // In time, twenty of the area and ten of another; four visit, one of them too late, one of the other area.
  await recordWave(
    db,
    { campaignId: 'cpast1111111', wave: 'rollout-1', part: 'rollout' },
    [...sent(0, 20), ...sent(40, 50)],
    ago(30),
  );
  for (const [nth, days] of [
    [0, 29.5],
    [1, 29.1],
    [2, 28],
    [45, 29.5],
  ] as const)
    await visit(people[nth] ?? 0, days);
  // Longer ago than is looked back, and so lately that their day is not over.
  await campaign('cold11111111', 'promotion');
  await recordWave(
    db,
    { campaignId: 'cold11111111', wave: 'rollout-1', part: 'rollout' },
    sent(0, 5),
    ago(120),
  );
  await recordWave(
    db,
    { campaignId: 'cold11111111', wave: 'rollout-2', part: 'rollout' },
    sent(20, 25),
    ago(0.5),
  );
  // Of another kind.
  await recordWave(
    db,
    { campaignId: 'cletter11111', wave: 'rollout-1', part: 'rollout' },
    sent(0, 20),
    ago(30),
  );
  // The pilot itself.
  await recordWave(db, { campaignId: 'cpilot111111', wave: 'pilot', part: 'pilot' }, sent(30, 40), ago(0));
  await recordEvent(db, {
    profileId: people[30] ?? 0,
    type: 'visit',
    at: new Date(Date.now() + 1_000).toISOString(),
  });

  expect(
    await createExperimentsStore(db.app).pilotAndHistory({
      campaignId: 'cpilot111111',
      metric: 'visit',
      windowSeconds: 86_400,
      days: 90,
    }),
  ).toEqual({ pilot: { n: 10, events: 1 }, history: { n: 20, events: 2 } });
});
