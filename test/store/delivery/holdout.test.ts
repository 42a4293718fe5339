import { drawnHoldouts } from '../../../domain/delivery/holdout';
import { scenarioSchema } from '../../../domain/campaigns/scenario';
import type { Nature } from '../../../domain/shared/words';
import { assignmentHash } from '../../../store/assignment';
import { createAudienceStore } from '../../../store/audience-store';
import { createPoliciesStore } from '../../../store/policies-store';
import { mergeProfiles } from '../../../store/profile-merging';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender } from '../../support/delivery-bench';
import { putSegments, scenario } from '../../support/people';
import { seedCampaign, seedConsent, seedPeople } from '../../support/seed-campaign';
import { putLive } from '../../support/segments';
import { planTestWave } from '../../support/wave';

const QUARTER = { share: 0.25, start: '2020-01-01', period: 'quarter' } as const;

let database: FreshDatabase;
let people: number[];
beforeEach(async () => {
  database = await freshDatabase(4);
  people = await seedPeople(database.db, 60);
});
afterEach(() => database.close());

const policies = () => createPoliciesStore(database.db.app);

/** Those of the people whom the policy draws now, by the published hash. */
function drawn(among: readonly number[], policy: object = QUARTER): number[] {
  const [holdout] = drawnHoldouts({ all: { ...QUARTER, ...policy } }, new Date());
  if (holdout === undefined) return [];
  return among.filter((id) => assignmentHash(holdout.salt, id) < holdout.share);
}

async function frozen(nature: Nature): Promise<{ held: number; matched: number; members: number }> {
  const audience = { segment: 'everybody', personas: ['gold'], fallbackPersona: 'gold' };
  const input = scenarioSchema.parse(scenario({ nature, audience }));
  const { counts } = await createAudienceStore(database.db).forecast(input, 'seed');
  return { held: counts.holdout, matched: counts.matched, members: counts.members };
}

/** What a wave over everybody made of each. */
async function sent(nature: Nature, arms?: { key: string; control?: boolean }[]) {
  const campaign = await seedCampaign(database.db, {
    campaignId: `c${nature}`,
    people,
    nature,
    consent: false,
    ...(arms === undefined ? {} : { arms }),
  });
  const { activities } = deliveryBench(database.db, campaign, fakeSender());
  await (await planTestWave(activities, campaign)).run();
  const rows = await database.db.app<{ profileId: number; state: string; reason: string | null }[]>`
    select profile_id as "profileId", state, reason from deliveries where campaign_id = ${campaign.campaignId}
    union all
    select profile_id, case when allowed then 'control' else 'skipped' end, reason from control_gate where campaign_id = ${campaign.campaignId}
    order by 1`;
  return rows;
}

describe('the standing holdout', () => {
  it('is kept out by the freeze and by the gate alike, and service messages reach it', async () => {
    await putSegments(database.db.app);
    await putLive(database.db.app, 'everybody', { everyone: true });
    for (const purpose of ['promotion', 'service']) await seedConsent(database.db, people, purpose);
    await policies().put('holdout', 'all', QUARTER, 'dpo');
    const held = drawn(people);
    expect(held.length).toBeGreaterThan(3);

    expect(await frozen('promotion')).toEqual({ held: held.length, matched: 60, members: 60 - held.length });
    expect(await frozen('service')).toEqual({ held: 0, matched: 60, members: 60 });
    // Members frozen before the holdout began meet it at the gate.
    const rows = await sent('promotion', [{ key: 'a' }, { key: 'none', control: true }]);
    expect(rows.filter((row) => row.reason === 'holdout').map((row) => row.profileId)).toEqual(held);
    expect(rows.filter((row) => row.reason === null)).toHaveLength(60 - held.length);
    expect((await sent('service')).filter((row) => row.state === 'accepted')).toHaveLength(60);
  });

  it('holds the same people when others join, and more when its share grows', () => {
    const few = drawn(people.slice(0, 20));
    expect(drawn(people).slice(0, few.length)).toEqual(few);
    expect(drawn(people, { share: 0.5 })).toEqual(expect.arrayContaining(drawn(people)));
    expect(drawn(people, { period: 'none' })).not.toEqual(drawn(people));
  });

  it('of a market holds its people alone', async () => {
    await seedConsent(database.db, people, 'promotion');
    const belgian = people.slice(0, 30);
    await database.db.app`update profiles set market = 'BE' where id = any(${belgian}::bigint[])`;
    await policies().put('holdout', 'all', { ...QUARTER, market: 'BE' }, 'dpo');
    const rows = await sent('promotion');
    expect(rows.filter((row) => row.reason === 'holdout').map((row) => row.profileId)).toEqual(
      drawn(belgian),
    );
  });
});

it('who was merged into somebody else since the freeze gets nothing', async () => {
  await seedConsent(database.db, people, 'promotion');
  const gone = people.slice(0, 5);
  await database.db
    .app`update profiles set merged_into = ${people[10] ?? 0} where id = any(${gone}::bigint[])`;
  const rows = await sent('promotion');
  expect(rows.filter((row) => row.reason === 'merged').map((row) => row.profileId)).toEqual(gone);
  expect(rows.filter((row) => row.state === 'accepted')).toHaveLength(55);
});

it('whose other profile had the message before the two were known to be one gets it no more', async () => {
  const [kept = 0, merged = 0] = people;
  await seedConsent(database.db, people, 'promotion');
  const campaign = await seedCampaign(database.db, {
    campaignId: 'ctwice',
    people: people.slice(0, 10),
    nature: 'promotion',
    consent: false,
  });
  await database.db.app`
    insert into contacts (profile_id, at, nature, channel, department, campaign_id, step)
    values (${merged}, now(), 'promotion', 'email', 'crm', 'ctwice', 'first')`;
  await database.db.app`
    insert into messages (id, campaign_id, profile_id, created_by, deadline_at)
    values ('owed', 'ctwice', ${merged}, 'shop', now() + interval '1 hour')`;
  await database.db.identity.begin((tx) =>
    mergeProfiles(tx, 'a pepper', { kept, merged, reason: 'email', source: 'test', by: 'anne' }),
  );
  const [owed] = await database.db.app`select profile_id from messages where id = 'owed'`;
  expect(owed).toEqual({ profile_id: kept });
  const { activities } = deliveryBench(database.db, campaign, fakeSender());
  await (await planTestWave(activities, campaign)).run();
  const rows = await database.db.app<{ profileId: number; state: string; reason: string | null }[]>`
    select profile_id as "profileId", state, reason from deliveries where campaign_id = 'ctwice' order by 1`;
  expect(rows.slice(0, 2)).toEqual([
    { profileId: kept, state: 'skipped', reason: 'had-already' },
    { profileId: merged, state: 'skipped', reason: 'merged' },
  ]);
  expect(rows.filter((row) => row.state === 'accepted')).toHaveLength(8);
});
