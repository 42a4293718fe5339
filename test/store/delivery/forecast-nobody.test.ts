import { createDryRunsStore } from '../../../store/dry-runs-store';
import { databaseForEach } from '../../support/database';
import { seedCampaign } from '../../support/seed-campaign';

const database = databaseForEach(3);

test('an audience of nobody is forecast as nobody', async () => {
  const { scenario } = await seedCampaign(database.db, { people: 1 });
  const dryRuns = createDryRunsStore(database.db.app);
  expect(await dryRuns.gate(scenario, 'trial', new Date(), [])).toEqual({ allowed: [], skipped: {} });
  expect(await dryRuns.ownCaps(scenario, 'trial', new Date(), [])).toEqual([]);
});
