import { createExperimentsStore } from '../../../store/experiments-store';
import { mergeProfiles } from '../../../store/profile-merging';
import { freshDatabase } from '../../support/database';
import { seedCampaign, seedPeople } from '../../support/seed-campaign';
import { recordControl, recordEvent, recordWave } from './test-wave';

const GATED = '2026-06-01T08:00:00Z';
const at = (seconds: number): string => new Date(Date.parse(GATED) + seconds * 1_000).toISOString();
const DAY = 86_400;

test('how often each person came before is added up arm by arm, and shorter windows are counted at the end', async () => {
  const database = await freshDatabase(4);
  const { db } = database;
  const people = await seedPeople(db, 12);
  const campaignId = 'cbefore00001';
  await seedCampaign(db, {
    campaignId,
    people,
    arms: [{ key: 'a' }, { key: 'none', control: true }],
    scenario: { experiment: { testShare: 1, earlyLooks: 1, covariate: { event: 'visit', days: 30 } } },
  });
  const wave = { campaignId, wave: 'test', part: 'test' };
  await recordWave(
    db,
    wave,
    people.slice(0, 6).map((profileId) => ({ profileId, arm: 'a', state: 'accepted' })),
    GATED,
  );
  await recordControl(
    db,
    wave,
    people.slice(6).map((profileId) => ({ profileId, arm: 'none', allowed: true })),
    GATED,
  );
  const visit = (i: number, seconds: number) =>
    recordEvent(db, { profileId: people[i] ?? 0, type: 'visit', at: at(seconds) });
  // Twice before and once after; once before; too long before; only after, late in the window; at the very moment.
  for (const seconds of [-1, -29 * DAY, 10]) await visit(0, seconds);
  await visit(1, -DAY);
  await visit(2, -30 * DAY - 1);
  await visit(3, 40);
  await visit(4, 0);
  await visit(6, -5);
  await visit(6, 20);
  // Came before as somebody else.
  const [twin] = await seedPeople(db, 1);
  await recordEvent(db, { profileId: twin ?? 0, type: 'visit', at: at(-50) });
  await db.identity.begin((tx) =>
    mergeProfiles(tx, 'a pepper', {
      kept: people[7] ?? 0,
      merged: twin ?? 0,
      reason: 'email',
      source: 'test',
      by: 'anne',
    }),
  );
  const store = createExperimentsStore(db.app);
  const scenario = await store.scenario(campaignId);
  const { arms, cuped, windows } = await store.countInputs(campaignId, scenario, 2);
  expect(cuped).toBe(true);
  expect(arms).toMatchObject([
    { key: 'a', n: 6, events: 3, before: { sum: 3, sumOfSquares: 5, product: 2 } },
    { key: 'none', n: 6, events: 1, before: { sum: 2, sumOfSquares: 2, product: 1 } },
  ]);
  const events = (share: number, arm: string) =>
    windows?.find((one) => one.share === share)?.cells.find((one) => one.arm === arm)?.events;
  expect([0.25, 0.5, 0.75].map((share) => [events(share, 'a'), events(share, 'none')])).toEqual([
    [2, 0],
    [2, 1],
    [3, 1],
  ]);
  expect((await store.countInputs(campaignId, scenario, 1)).windows).toBeUndefined();
  await database.close();
});
