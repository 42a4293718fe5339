import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  buildOnce,
  demoJson,
  demoProcess,
  mailsReceived,
  moreThanOnce,
  quickExample,
  untilMails,
} from '../support/demo-process';

const dir = mkdtempSync(join(tmpdir(), 'boucle-worker-kill-'));

beforeAll(() => {
  chmodSync(dir, 0o755);
  buildOnce();
}, 120_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** As the stack has written it down; the worker is started again under another. */
function workerPid(): number {
  const { children }: { children: { name: string; mark: { pid: number } }[] } = JSON.parse(
    readFileSync(join(dir, 'stack.json'), 'utf8'),
  );
  const worker = children.find((child) => child.name === 'worker');
  if (!worker) throw new Error('no worker is written down');
  return worker.mark.pid;
}

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
  process.kill(workerPid(), 'SIGKILL');
  const atKill = mailsReceived(dir).length;

  await demo.until(/The worker ended unexpectedly/, 20_000);
  await sleep(1_500);
  await untilMails(dir, atKill + 100);
  process.kill(workerPid(), 'SIGKILL');

  const code = await demo.ended(400_000);
  if (code !== 0) throw new Error(`ended with ${code}:\n${demo.said()}`);
  const out = demoJson.parse(JSON.parse(readFileSync(json, 'utf8')));
  const mails = mailsReceived(dir, out.campaignId);
  expect(moreThanOnce(mails)).toEqual([]);

  const { planned, accepted, failed, skipped, uncertain } = out.deliveries;
  expect(planned).toBe(accepted + failed + skipped + uncertain);
  // Everybody counted as accepted got it; of the uncertain some did.
  expect(mails.length).toBeGreaterThanOrEqual(accepted);
  expect(mails.length).toBeLessThanOrEqual(accepted + uncertain);
  expect(uncertain).toBeLessThan(planned / 10);
  expect(out.end).toBe('completed');
}, 500_000);
