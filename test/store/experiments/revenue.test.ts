import { createExperimentsStore } from '../../../store/experiments-store';
import { databaseForEach } from '../../support/database';
import { seedCampaign, seedPeople } from '../../support/seed-campaign';
import { recordControl, recordWave } from './test-wave';

const base = databaseForEach(4);
const CAMPAIGN = 'crevenue1111';
const GATED = '2026-11-01T10:00:00.000Z';
const after = (hours: number): string => new Date(Date.parse(GATED) + hours * 3_600_000).toISOString();

test('what each arm spent and cost, each person once, in one currency and within the window', async () => {
  const { db } = base;
  const people = await seedPeople(db, 12);
  await seedCampaign(db, { campaignId: CAMPAIGN, people, part: 'test' });
  const at = (n: number): number => people[n] ?? 0;
  const sent = (arm: string, from: number, to: number, state: 'accepted' | 'failed' = 'accepted') =>
    people.slice(from, to).map((profileId) => ({ profileId, arm, state }));
  const wave = { campaignId: CAMPAIGN, wave: 'test', part: 'test' };
  await recordWave(db, wave, [...sent('a', 0, 4), ...sent('b', 4, 6), ...sent('b', 6, 7, 'failed')], GATED);
  const control = people
    .slice(7, 10)
    .map((profileId) => ({ profileId, arm: 'none', allowed: profileId !== at(9) }));
  await recordControl(db, wave, control, GATED);
  await db.app`update deliveries set cost_micros = 20000`;
  const bought = async (n: number, cents: number | null, hours: number, currency: string | null = 'EUR') => {
    await db.app`
      insert into events (id, profile_id, type, at, value_cents, currency)
      values (${`p${n}.${hours}.${cents}`}, ${at(n)}, 'purchase', ${after(hours)}, ${cents}, ${currency})`;
  };
  await bought(0, 1_000, 0);
  await bought(0, 500, 23);
  await bought(0, 700, 24);
  await bought(1, 300, -1);
  await bought(1, 900, 2, 'USD');
  await bought(2, 200, 2, null);
  await bought(3, null, 2);
  await bought(7, 400, 5);
  await bought(9, 5_000, 5);
  // Two numbers that turn out to be one person, who counts where they were first judged.
  await db.app`update profiles set merged_into = ${at(0)} where id = ${at(4)}`;
  await db.app`update deliveries set gated_at = gated_at + interval '1 minute' where profile_id = ${at(4)}`;

  const found = await createExperimentsStore(db.app).revenueByArm({
    campaignId: CAMPAIGN,
    event: 'purchase',
    windowSeconds: 86_400,
    currency: 'EUR',
  });
  expect(found).toEqual([
    { arm: 'a', n: 4, sum: 1_700, sumOfSquares: 1_500 ** 2 + 200 ** 2, costMicros: 80_000 },
    { arm: 'b', n: 2, sum: 0, sumOfSquares: 0, costMicros: 40_000 },
    { arm: 'none', n: 2, sum: 400, sumOfSquares: 160_000, costMicros: 0 },
  ]);
});
