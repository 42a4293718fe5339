import { defaultPolicies } from '../../../config/policies/delivery';
import { createLedgerStore } from '../../../store/ledger-store';
import { createPoliciesStore } from '../../../store/policies-store';
import { countsByWave } from '../../../store/delivery/counts';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender } from '../../support/delivery-bench';
import { seedCampaign } from '../../support/seed-campaign';
import { planTestWave } from '../../support/wave';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.close());

it('pages through a campaign without gap or repeat, filtered by state and wave', async () => {
  const campaign = await seedCampaign(database.db, { people: 23 });
  const sender = fakeSender((_, nth) =>
    nth <= 5 ? { kind: 'failed', code: '554' } : { kind: 'accepted', providerId: `q${nth}` },
  );
  const { activities } = deliveryBench(database.db, campaign, sender);
  const ledger = createLedgerStore(database.db.app);
  await (await planTestWave(activities, campaign)).run();
  const seen: number[] = [];
  for (let afterId: number | undefined; ;) {
    const page = await ledger.list({
      campaignId: campaign.campaignId,
      limit: 7,
      ...(afterId === undefined ? {} : { afterId }),
    });
    seen.push(...page.map((row) => row.id));
    afterId = page.at(-1)?.id;
    if (page.length < 7) break;
  }
  expect(seen).toHaveLength(23);
  expect(new Set(seen).size).toBe(23);
  expect(await ledger.list({ campaignId: campaign.campaignId, state: 'failed', limit: 100 })).toHaveLength(5);
  expect(await ledger.list({ campaignId: campaign.campaignId, wave: 'other', limit: 100 })).toHaveLength(0);
  const [one] = await ledger.list({ campaignId: campaign.campaignId, limit: 1 });
  expect(one).toMatchObject({ campaignId: campaign.campaignId, wave: 'w1', channel: 'email' });
  expect(JSON.stringify(one)).not.toContain('@');
  expect(await countsByWave(database.db.app, campaign.campaignId)).toEqual([
    {
      step: 'first',
      wave: 'w1',
      planned: 23,
      accepted: 18,
      failed: 5,
      skipped: 0,
      uncertain: 0,
      open: 0,
      recent: 23,
      waiting: {},
    },
  ]);
});

it('reads names and addresses with the identity pool alone, and none that is doubted', async () => {
  const { profileIds } = await seedCampaign(database.db, { people: 2 });
  await database.db.app`update profiles set doubtful = '{firstName}' where id = ${profileIds[1] ?? 0}`;
  const { recipientsFor } = await import('../../../store/delivery/recipients');
  const addressees = profileIds.map((profileId) => ({ profileId, step: 'first' }));
  const people = await recipientsFor(database.db.identity, addressees, ['email']);
  expect(people.map((person) => person?.firstName)).toEqual(['Camille', null]);
  await expect(recipientsFor(database.db.app, addressees, ['email'])).rejects.toThrow('permission denied');
});

it('seeds each kind of policy that is empty, and no other', async () => {
  const policies = createPoliciesStore(database.db.app);
  await policies.seedEmptyKinds(defaultPolicies());
  expect(await policies.list('cap')).toEqual(defaultPolicies().cap);
  expect(await policies.remove('cap', 'newsletter-7-days', 'test')).toBe(true);
  await policies.seedEmptyKinds(defaultPolicies());
  expect(Object.keys(await policies.list('cap'))).toEqual(['promotion-14-days']);
});
