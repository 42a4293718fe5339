import postgres from 'postgres';
import { freshDatabase } from '../../support/database';

test('a fresh database is migrated, empty and its own', async () => {
  const [one, two] = await Promise.all([freshDatabase(), freshDatabase()]);
  expect(one.url).not.toBe(two.url);
  const [row] = await one.db.app<{ n: number }[]>`select count(*)::int as n from profiles`;
  expect(row?.n).toBe(0);
  await Promise.all([one.close(), two.close()]);
});

test('the app pool cannot read who somebody is, the identity pool can', async () => {
  const fresh = await freshDatabase();
  const [table] = await fresh.db.identity<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'identity' order by 1 limit 1`;
  const name = table?.name ?? 'none';
  await expect(fresh.db.app.unsafe(`select count(*) from identity.${name}`)).rejects.toThrow(
    'permission denied',
  );
  await expect(fresh.db.identity.unsafe(`select count(*) from identity.${name}`)).resolves.toHaveLength(1);
  await fresh.close();
});

test('a connection left open fails the test that left it', async () => {
  const fresh = await freshDatabase();
  const forgotten = postgres(fresh.url, { max: 1, onnotice: () => {} });
  await forgotten`select 1`;
  await expect(fresh.close()).rejects.toThrow('connections leaked');
  await forgotten.end({ timeout: 1 });
}, 20_000);
