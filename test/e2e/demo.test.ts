import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildOnce,
  demoJson,
  demoProcess,
  mailsReceived,
  moreThanOnce,
  quickExample,
} from '../support/demo-process';

const dir = mkdtempSync(join(tmpdir(), 'boucle-demo-'));
const json = join(dir, 'out.json');

beforeAll(() => {
  chmodSync(dir, 0o755);
  buildOnce();
}, 120_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((n, k) => n + k, 0);

test('a campaign goes round the whole loop, and everything adds up', async () => {
  const demo = demoProcess(dir, [
    '--exit',
    '--json',
    json,
    '--people',
    '2000',
    ...quickExample(join(dir, 'example')),
  ]);
  const code = await demo.ended();
  if (code !== 0) throw new Error(`ended with ${code}:\n${demo.said()}`);
  const out = demoJson.parse(JSON.parse(readFileSync(json, 'utf8')));

  expect(out.end).toBe('completed');
  expect(out.stages.map((stage) => stage.name)).toEqual([
    'define',
    'audit',
    'create',
    'qa',
    'approve',
    'pilot',
    'pilot-observe',
    'experiment',
    'evaluate',
    'rollout',
    'observe',
    'learn',
  ]);
  expect(out.import.rows).toBe(out.import.created + out.import.merged + out.import.rejected);
  expect(out.import.rejected).toBeGreaterThan(10);
  expect(out.import.merged).toBeGreaterThan(10);

  const { planned, accepted, failed, skipped, uncertain } = out.deliveries;
  expect(planned).toBe(accepted + failed + skipped + uncertain);
  expect(accepted).toBeGreaterThan(500);
  expect(sum(out.audience.excluded)).toBeGreaterThan(50);
  expect(out.audience.pilot).toBeGreaterThan(10);
  expect(Object.keys(out.audience.arms).sort()).toEqual(['ambiance', 'prix', 'temoin']);

  const mails = mailsReceived(dir, out.campaignId);
  expect(moreThanOnce(mails)).toEqual([]);
  expect(mails).toHaveLength(accepted);

  expect(out.experiment?.decision).toMatchObject({ action: 'ship', arm: 'ambiance' });
  const rates = Object.fromEntries((out.experiment?.arms ?? []).map(({ arm, rate }) => [arm, rate]));
  expect(rates['temoin']).toBeGreaterThan(0.02);
  expect(rates['temoin']).toBeLessThan(0.16);
  expect(rates['ambiance']).toBeGreaterThan(0.38);
  expect(rates['ambiance']).toBeLessThan(0.62);
  expect(out.approvals).toMatchObject([
    { state: 'approved', decisions: [{ decision: 'approve', via: 'slack', by: 'claire.martin' }] },
  ]);
  expect(out.backlog.length).toBeGreaterThan(0);
  expect(out.history.events).toBeGreaterThan(30);
  expect(out.incidents).toBe(0);
}, 300_000);

test('a second demo on the same folder has people of its own and ends well too', async () => {
  const again = join(dir, 'again.json');
  const demo = demoProcess(dir, [
    '--exit',
    '--json',
    again,
    '--people',
    '400',
    ...quickExample(join(dir, 'example'), { windowSeconds: 5 }),
  ]);
  const code = await demo.ended();
  if (code !== 0) throw new Error(`ended with ${code}:\n${demo.said()}`);
  const out = demoJson.parse(JSON.parse(readFileSync(again, 'utf8')));
  expect(['completed', 'no-winner']).toContain(out.end);
  // Those of the first demo are kept out by the cap, not written to again.
  expect(out.deliveries.skipped).toBeGreaterThan(300);
  expect(moreThanOnce(mailsReceived(dir))).toEqual([]);
}, 300_000);

test('a bad command line ends with 2 and a clear word', async () => {
  const demo = demoProcess(dir, ['--audience', 'nowhere.csv', '--mapping', 'nowhere.json']);
  expect(await demo.ended(20_000)).toBe(2);
  expect(demo.said()).toContain('there is no file nowhere.json');
}, 30_000);
