import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createImportsStore } from '../../store/imports-store';
import { freshDatabase } from '../support/database';
import { forkSource } from '../support/fork-source';
import { file, MAPPING, stageFile } from '../support/imports';

const ROWS = 30_000;
const KILLS = 3;

it('an import killed -9 three times goes on from where it was: every row in, nobody and nothing twice', async () => {
  const database = await freshDatabase(4);
  const imports = createImportsStore(database.db.app);
  const rows = Array.from(
    { length: ROWS },
    (_, i) => `${i},p${i}@exemple.fr,,P,69003,${20 + (i % 50)},${i % 100 === 7 ? 'dear' : 10},${i % 12},oui,`,
  );
  try {
    await stageFile(database.db, 'big', MAPPING, file(...rows), 256 * 1024);
    const run = async () => {
      const child = await forkSource('import-process');
      child.send({ databaseUrl: database.url, importId: 'big' });
      return child;
    };
    const stops: number[] = [];
    for (let n = 1; n <= KILLS; n += 1) {
      const child = await run();
      const gone = once(child, 'exit');
      const goal = (stops.at(-1) ?? 0) + ROWS / 6;
      while (child.exitCode === null && ((await imports.get('big'))?.rows ?? 0) < goal) await sleep(5);
      child.kill('SIGKILL');
      await gone;
      const stopped = await imports.get('big');
      expect(stopped).toMatchObject({ state: 'running' });
      stops.push(stopped?.rows ?? 0);
    }
    expect(stops.at(-1)).toBeLessThan(ROWS);
    const last = await run();
    expect(await once(last, 'exit')).toEqual([0, null]);

    const rejected = ROWS / 100;
    expect(await imports.get('big')).toMatchObject({
      state: 'done',
      rows: ROWS,
      created: ROWS - rejected,
      merged: 0,
      unchanged: 0,
      rejected,
      events: ROWS - rejected,
      consents: ROWS - rejected,
    });
    const [there] = await database.db.app<Record<string, number>[]>`
      select (select count(*) from profiles) as people, (select count(*) from events) as events,
        (select count(*) from consent_events) as consents, (select count(*) from profile_keys) as keys,
        (select count(distinct line) from import_rejects) as lines, (select count(*) from import_chunks) as chunks,
        (select count(*) from origins) as origins`;
    const good = ROWS - rejected;
    expect({ ...there }).toEqual({
      people: good,
      events: good,
      consents: good,
      keys: 2 * good,
      lines: rejected,
      chunks: 0,
      origins: 1,
    });
  } finally {
    await database.close();
  }
}, 180_000);
