import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnv } from '../../config/env';
import {
  buildOnce,
  demoPid,
  demoProcess,
  expectEachOnce,
  mailsReceived,
  quickExample,
  untilMails,
} from '../support/demo-process';

const dir = mkdtempSync(join(tmpdir(), 'boucle-servers-killed-'));

beforeAll(() => {
  chmodSync(dir, 0o755);
  buildOnce();
}, 120_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('PostgreSQL killed -9 in mid-wave, and Temporal after it: both come back, and the campaign goes to its end', async () => {
  const json = join(dir, 'out.json');
  const demo = demoProcess(dir, [
    '--exit',
    '--json',
    json,
    '--people',
    '6000',
    ...quickExample(join(dir, 'example'), { windowSeconds: 60 }),
  ]);
  await demo.until(/^experiment: /m);
  await untilMails(dir, mailsReceived(dir).length + 150);
  process.kill(demoPid(dir, 'postgres'), 'SIGKILL');
  await demo.until(/PostgreSQL ended unexpectedly \(SIGKILL/, 20_000);
  const atDeath = mailsReceived(dir).length;
  await demo.until(/PostgreSQL runs again/, 60_000);

  await untilMails(dir, atDeath + 100);
  process.kill(demoPid(dir, 'temporal'), 'SIGKILL');
  await demo.until(/Temporal ended unexpectedly \(SIGKILL/, 20_000);
  await demo.until(/Temporal runs again/, 60_000);

  const code = await demo.ended(400_000);
  if (code !== 0) throw new Error(`ended with ${code}:\n${demo.said()}`);
  const { out } = expectEachOnce(dir, json);
  expect(out.deliveries.uncertain).toBeLessThanOrEqual(readEnv({}).SMTP_CONNECTIONS);
  expect(out.end).toBe('completed');
}, 600_000);
