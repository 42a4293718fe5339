import { reading } from '../../store/reading';
import { databaseForEach } from '../support/database';

const base = databaseForEach(2);

test('a report ends where one of its statements takes too long, and the connection serves on', async () => {
  const slow = reading(base.db.app, (tx) => tx`select pg_sleep(20)`, 1);
  await expect(slow).rejects.toMatchObject({ code: 'report-too-long' });
  expect(await reading(base.db.app, (tx) => tx`select current_setting('statement_timeout') as t`)).toEqual([
    { t: '0' },
  ]);
});
