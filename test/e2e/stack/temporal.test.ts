import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../../domain/campaigns/search-attributes';
import { gone, markOf } from '../../../stack/processes';
import { startTemporal, type RunningTemporal } from '../../../stack/temporal';

let dir: string;
let running: RunningTemporal | undefined;
let words: string[];
const log = (line: string): void => void words.push(line);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'boucle-temporal-'));
  words = [];
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(dir, { recursive: true, force: true });
});

test('it has the search attributes and 30 days of retention, also at a second start', async () => {
  for (const round of ['first', 'second']) {
    running = await startTemporal({ dataDir: dir, port: 0, uiPort: 0, log });
    const connection = await Connection.connect({ address: running.address });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: 'default',
    });
    expect({ round, names: Object.keys(customAttributes) }).toEqual({
      round,
      names: expect.arrayContaining([...SEARCH_ATTRIBUTES]),
    });
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 86_400);
    await connection.close();
    expect((await fetch(running.uiUrl)).status).toBe(200);
    if (round === 'first') await running.stop();
  }
});

test('a store left half-written is moved aside, and said', async () => {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'temporal.db'), 'SQLite format 3');
  running = await startTemporal({ dataDir: dir, port: 0, uiPort: 0, log });
  expect(words.join()).toContain('half-written');
});

test('a server whose starter was killed is stopped and replaced', async () => {
  running = await startTemporal({ dataDir: dir, port: 0, uiPort: 0, log });
  const orphan = markOf(running.pid);
  const record = JSON.parse(readFileSync(join(dir, 'server.json'), 'utf8'));
  writeFileSync(
    join(dir, 'server.json'),
    JSON.stringify({ ...record, owner: { pid: 999_999, started: '1' } }),
  );
  running = await startTemporal({ dataDir: dir, port: 0, uiPort: 0, log });
  expect(words.join()).toContain('An earlier run left its Temporal running');
  expect(orphan && (await gone(orphan, 0))).toBe(true);
});
