import { segmentUses } from '../../../store/segments/uses';
import { databaseForEach } from '../../support/database';

const database = databaseForEach(2);

async function scenario(version: number, segment: string, status: string): Promise<void> {
  await database.db.app`
    insert into scenarios (key, version, status, definition, created_by)
    values ('spring', ${version}, ${status}, jsonb_build_object('audience', jsonb_build_object('segment', ${segment}::text, 'personas', '[]'::jsonb)), 'anne')`;
}

test('a scenario uses what its latest version names and what the version names that campaigns start from', async () => {
  await scenario(1, 'oldest', 'validated');
  await scenario(2, 'started', 'validated');
  await scenario(3, 'drafted', 'draft');
  const use = [{ kind: 'scenario', key: 'spring', as: 'audience' }];
  expect(await segmentUses(database.db.app, 'oldest')).toEqual([]);
  expect(await segmentUses(database.db.app, 'started')).toEqual(use);
  expect(await segmentUses(database.db.app, 'drafted')).toEqual(use);
  await scenario(4, 'drafted', 'validated');
  expect(await segmentUses(database.db.app, 'drafted')).toEqual(use);
  expect(await segmentUses(database.db.app, 'started')).toEqual([]);
  await database.db.app`update scenarios set status = 'archived'`;
  expect(await segmentUses(database.db.app, 'drafted')).toEqual([]);
});

test('a sub-population of a test is a use, of the scenario and of a campaign that is open', async () => {
  const { app } = database.db;
  const definition = app.json({
    audience: { segment: 'everybody', personas: ['regulars'] },
    experiment: { subPopulations: { segments: ['city'] } },
  });
  await app`
    insert into scenarios (key, version, status, definition, created_by) values ('spring', 1, 'validated', ${definition}, 'anne')`;
  await app`
    insert into campaigns (id, scenario_key, scenario_version, scenario, seed, workflow_id, created_by)
    values ('cspring', 'spring', 1, ${definition}, 's', 'campaign.cspring', 'anne')`;
  const as = 'sub-population of its test';
  const scenario = { kind: 'scenario', key: 'spring', as };
  expect(await segmentUses(app, 'city')).toEqual([{ kind: 'campaign', key: 'cspring', as }, scenario]);
  expect(await segmentUses(app, 'regulars')).toMatchObject([{ as: 'persona' }, { as: 'persona' }]);
  expect(await segmentUses(app, 'country')).toEqual([]);
  await app`update campaigns set "end" = 'completed'`;
  expect(await segmentUses(app, 'city')).toEqual([scenario]);
});
