import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  buildOnce,
  demoPid,
  demoProcess,
  expectEachOnce,
  mailsReceived,
  quickExample,
  untilMails,
} from '../support/demo-process';

const dir = mkdtempSync(join(tmpdir(), 'boucle-worker-kill-'));

beforeAll(() => {
  chmodSync(dir, 0o755);
  buildOnce();
}, 120_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('a worker killed in mid-wave, twice: the campaign ends, nobody is mailed twice, and what is not known is said', async () => {
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
  const before = mailsReceived(dir).length;
  await untilMails(dir, before + 150);
  process.kill(demoPid(dir, 'worker'), 'SIGKILL');
  const atKill = mailsReceived(dir).length;

  await demo.until(/The worker ended unexpectedly/, 20_000);
  await sleep(1_500);
  await untilMails(dir, atKill + 100);
  process.kill(demoPid(dir, 'worker'), 'SIGKILL');

  const code = await demo.ended(400_000);
  if (code !== 0) throw new Error(`ended with ${code}:\n${demo.said()}`);
  const { out } = expectEachOnce(dir, json);
  const { planned, uncertain } = out.deliveries;
  expect(uncertain).toBeLessThan(planned / 10);
  expect(out.end).toBe('completed');
}, 500_000);
