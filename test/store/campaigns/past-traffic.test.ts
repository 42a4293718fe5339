import { pastTraffic } from '../../../store/past-traffic';
import { freshDatabase } from '../../support/database';
import { seedCampaign } from '../../support/seed-campaign';

test('the pace of the last four weeks, of waves that were not held, and who came to match since', async () => {
  const database = await freshDatabase(2);
  const sql = database.db.app;
  expect(await pastTraffic(sql, 'tous')).toEqual({ entersPerDay: null, messagesPerSecond: null });

  const { campaignId, profileIds } = await seedCampaign(database.db, { people: 1_200 });
  const wave = (name: string, ended: string, took: string) => sql`
    insert into waves (campaign_id, step, wave, part, planned, started_at, ended_at)
    values (${campaignId}, 'first', ${name}, 'test', 1, now() - ${ended}::interval - ${took}::interval, now() - ${ended}::interval)`;
  await wave('lately', '3 days', '4 seconds');
  await wave('held', '2 days', '7 hours');
  await wave('long-ago', '30 days', '1 second');
  const sent = (name: string, from: number, to: number, state: string) => sql`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state)
    select ${campaignId}, 'first', id, ${name}, 'a', 'p', 'email', ${state} from unnest(${profileIds.slice(from, to)}::bigint[]) id`;
  await sent('lately', 0, 999, 'accepted');
  await sent('lately', 999, 1_050, 'skipped');
  await sent('held', 1_050, 1_100, 'accepted');
  await sent('long-ago', 1_100, 1_199, 'accepted');
  expect((await pastTraffic(sql, 'tous')).messagesPerSecond).toBeNull();
  await sent('lately', 1_199, 1_200, 'accepted');
  expect((await pastTraffic(sql, 'tous')).messagesPerSecond).toBeCloseTo(250, 6);

  await sql`
    insert into membership_changes (segment, version, profile_id, entered, at, cause)
    select 'tous', 1, id, true, now() - interval '2 days', 'event' from unnest(${profileIds.slice(0, 56)}::bigint[]) id
    union all select 'tous', 1, id, false, now(), 'event' from unnest(${profileIds.slice(0, 9)}::bigint[]) id
    union all select 'tous', 1, id, true, now(), 'version' from unnest(${profileIds.slice(60, 99)}::bigint[]) id
    union all select 'tous', 1, id, true, now() - interval '40 days', 'profile' from unnest(${profileIds.slice(100, 200)}::bigint[]) id
    union all select 'autres', 1, id, true, now(), 'event' from unnest(${profileIds.slice(0, 300)}::bigint[]) id`;
  expect((await pastTraffic(sql, 'tous')).entersPerDay).toBe(2);
  // Who came back is no more people, and one built two weeks ago has two weeks' people; of three days, nothing is said.
  await sql`
    insert into membership_changes (segment, version, profile_id, entered, at, cause)
    select 'tous', 1, id, true, now(), 'event' from unnest(${profileIds.slice(0, 9)}::bigint[]) id
    union all select 'young', 1, id, true, now() - interval '14 days', 'version' from unnest(${profileIds.slice(0, 50)}::bigint[]) id
    union all select 'young', 1, id, true, now() - interval '1 day', 'profile' from unnest(${profileIds.slice(50, 92)}::bigint[]) id
    union all select 'new', 1, id, true, now() - interval '3 days', 'event' from unnest(${profileIds.slice(0, 50)}::bigint[]) id`;
  expect((await pastTraffic(sql, 'tous')).entersPerDay).toBe(2);
  expect((await pastTraffic(sql, 'young')).entersPerDay).toBeCloseTo(3, 4);
  expect((await pastTraffic(sql, 'new')).entersPerDay).toBeNull();
  await database.close();
});
