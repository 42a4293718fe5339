import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { createAudienceStore } from '../../../store/audience-store';
import { remakeAudience } from '../../../store/audience-remake';
import type { Sql } from '../../../store/db';
import { createPoliciesStore } from '../../../store/policies-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { putMatrix } from '../../support/matrix';
import { insertPeople, putCampaign, putSegments, scenario } from '../../support/people';
import { putLive } from '../../support/segments';

const PEOPLE = 4_000;
let database: FreshDatabase;
let sql: Sql;

beforeEach(async () => {
  database = await freshDatabase(4);
  sql = database.db.app;
  await putSegments(sql);
  await insertPeople(sql, PEOPLE);
});
afterEach(() => database.close());

test('a frozen audience follows from its definition, moment and seed, whatever goes live or comes in later', async () => {
  const policies = createPoliciesStore(sql);
  await policies.put('holdout', 'all', { share: 0.1, start: '2020-01-01', period: 'month' }, 'dpo');
  await putLive(sql, 'buyers', {
    all: [
      { attribute: 'spend_cents', op: 'gt', value: 0 },
      { not: { event: 'purchase', withinDays: 30, op: 'gte', value: 1 } },
    ],
  });
  await putCampaign(sql, 'frozen', scenarioSchema.parse(scenario()));
  const frozen = await createAudienceStore(database.db).freeze('frozen');
  const untouched = { same: frozen.members, moved: 0, gone: 0, come: 0 };
  expect(await remakeAudience(sql, 'frozen')).toMatchObject(untouched);

  // Other versions, another matrix, no holdout, and everybody buys after the freeze.
  await putLive(sql, 'buyers', { attribute: 'spend_cents', op: 'lt', value: 0 });
  await putLive(sql, 'gold', { everyone: true });
  await putMatrix(
    sql,
    'segment_id,value_tier,behavior_cluster,state,key_message,visual_guideline,offer_code\nyoung,low,rare,new,Bonjour,frais,P5',
  );
  await policies.remove('holdout', 'all', 'dpo');
  await sql`
    insert into events (id, profile_id, type, at, value_cents)
    select 'late.' || id, id, 'purchase', clock_timestamp() + interval '1 second', 100 from profiles`;
  expect(await remakeAudience(sql, 'frozen')).toMatchObject(untouched);

  // What happens to people shows, and moves nobody else.
  const [first] = await sql<{ ids: number[] }[]>`
    select array(select profile_id from audience_members where campaign_id = 'frozen' order by profile_id limit 7) as ids`;
  await sql`update profiles set email_fp = null where id = any(${first?.ids ?? []}::bigint[])`;
  await sql`
    insert into profiles (id, area, attributes, email_fp, source) overriding system value
    select id + 10000, area, attributes, sha256(id::text::bytea), 'test' from profiles where attributes ->> 'tier' = 'gold' limit 300`;
  await sql`
    insert into consent_state (profile_id, purpose, channel, granted, event_id, at)
    select id, 'promotion', 'email', true, id, now() from profiles where id > 10000`;
  const after = await remakeAudience(sql, 'frozen');
  expect(after).toMatchObject({ same: frozen.members - 7, moved: 0, gone: 7 });
  expect(after.come).toBeGreaterThan(150);
  expect((await createAudienceStore(database.db).freeze('frozen')).members).toBe(frozen.members);
});

test('what was never frozen cannot be made again', async () => {
  await expect(remakeAudience(sql, 'nobody')).rejects.toMatchObject({ code: 'not-found' });
  await putCampaign(sql, 'open', scenarioSchema.parse(scenario()));
  await expect(remakeAudience(sql, 'open')).rejects.toMatchObject({ code: 'conflict' });
});

test('merged profiles are in no audience', async () => {
  await putCampaign(sql, 'before', scenarioSchema.parse(scenario()));
  const before = await createAudienceStore(database.db).freeze('before');
  await sql`
    update profiles set merged_into = 1
    where id in (select profile_id from audience_members where campaign_id = 'before' and profile_id > 1 order by profile_id limit 20)`;
  await putCampaign(sql, 'after', scenarioSchema.parse(scenario()));
  const after = await createAudienceStore(database.db).freeze('after');
  expect([after.matched, after.members]).toEqual([before.matched - 20, before.members - 20]);
});

test('a persona may be told by what is kept up and by how somebody is reached', async () => {
  await sql`update profiles set derived = jsonb_build_object('value_tier', case when mod(id, 2) = 0 then 'high' else 'low' end)`;
  await putLive(sql, 'gold', {
    all: [{ attribute: 'value_tier', op: 'eq', value: 'high' }, { reachable: 'email' }],
  });
  await putLive(sql, 'young', { everyone: true });
  await putCampaign(sql, 'kept-up', scenarioSchema.parse(scenario()));
  await createAudienceStore(database.db).freeze('kept-up');
  const rows = await sql`
    select distinct persona, mod(profile_id, 2) as odd from audience_members where campaign_id = 'kept-up' order by persona`;
  expect([...rows]).toEqual([
    { persona: 'gold', odd: 0 },
    { persona: 'young', odd: 1 },
  ]);
});
