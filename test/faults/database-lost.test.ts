import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres, type RunningPostgres } from '../../stack/postgres';
import { signal } from '../../stack/processes';
import { connect, type Db } from '../../store/db';
import { migrate } from '../../store/migrate';

const CONNECTIONS = 10;
const ROUNDS = 3;
const dir = mkdtempSync(join(tmpdir(), 'boucle-database-lost-'));

let server: RunningPostgres;
let db: Db;
beforeAll(async () => {
  chmodSync(dir, 0o755);
  server = await startPostgres({ dataDir: dir, port: 0 });
  await migrate(server.url);
  db = connect(server.url, CONNECTIONS);
}, 60_000);
afterAll(async () => {
  await db?.close();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const onEach = (): Promise<unknown> =>
  Promise.all(Array.from({ length: CONNECTIONS }, () => db.app`select pg_sleep(0.05)`));

/** One that is told of the loss asks for more at once, as a request with a next step does. */
async function busyUntilLost(): Promise<void> {
  await expect(db.app`select pg_sleep(60)`).rejects.toMatchObject({ code: expect.any(String) });
  await Promise.allSettled(Array.from({ length: CONNECTIONS }, () => db.app`select 1`));
}

async function transactionUntilLost(): Promise<void> {
  const lost = db.app.begin(async (tx) => {
    await tx`insert into boucle.policies (kind, key, definition) values ('cap', 'half', '{}')`;
    await tx`select pg_sleep(60)`.catch(() => undefined);
    // Connected anew by then, perhaps, and in nobody's transaction.
    await sleep(4_000);
    await tx`insert into boucle.policies (kind, key, definition) values ('cap', 'other-half', '{}')`;
  });
  await expect(lost).rejects.toMatchObject({ code: expect.any(String) });
}

test('a killed PostgreSQL takes no connection with it for good, and no half of a transaction stays', async () => {
  for (let round = 1; round <= ROUNDS; round += 1) {
    await onEach();
    const users = [busyUntilLost(), busyUntilLost(), busyUntilLost(), transactionUntilLost()];
    await sleep(300);
    signal(server.pid, 'SIGKILL');
    await server.ended;
    await Promise.all(users);
    server = await startPostgres({ dataDir: dir, port: server.port, fixedPort: true });
    const began = Date.now();
    await onEach();
    expect(Date.now() - began).toBeLessThan(10_000);
  }
  await sleep(5_000);
  expect(await db.app`select key from policies where key like '%half'`).toEqual([]);
}, 60_000);
