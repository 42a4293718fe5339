import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readEnv } from '../../config/env';
import { createApiClient } from '../../sandbox/demo/api-client';
import { stackSecrets } from '../../stack/secrets';
import {
  buildOnce,
  demoProcess,
  expectEachOnce,
  mailsReceived,
  quickExample,
  untilMails,
} from '../support/demo-process';

const dir = mkdtempSync(join(tmpdir(), 'boucle-temporal-lost-'));

beforeAll(() => {
  chmodSync(dir, 0o755);
  buildOnce();
}, 120_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function campaignId(): string {
  const [name = ''] = readdirSync(join(dir, 'demo-runs'));
  const { campaignId: id }: { campaignId: string } = JSON.parse(
    readFileSync(join(dir, 'demo-runs', name), 'utf8'),
  );
  return id;
}

/** The provider takes so few a second that the experiment's wave lasts long beyond its first mails. */
async function slowProvider(said: string): Promise<void> {
  const page = /Campaign page: (\S+)/.exec(said)?.[1];
  if (page === undefined) throw new Error('the demo did not say where its api is');
  const { adminKey } = stackSecrets({ ...readEnv(), BOUCLE_DATA_DIR: dir });
  await createApiClient(new URL(page).origin, adminKey).call({
    method: 'PUT',
    path: '/v1/policies/rate/smtp',
    body: { channel: 'email', perSecond: 250, burst: 50 },
    answer: z.object({ changed: z.literal(true) }),
  });
}

test('Temporal’s data folder is lost in mid-campaign: started again, it goes on from its stage and mails nobody twice', async () => {
  const example = quickExample(join(dir, 'example'), { windowSeconds: 40 });
  const first = demoProcess(dir, ['--people', '12000', ...example]);
  await first.until(/Campaign page: /);
  await slowProvider(first.said());
  await first.until(/^experiment: /m);
  await untilMails(dir, mailsReceived(dir).length + 100);
  first.child.kill('SIGTERM');
  expect(await first.ended(60_000)).toBe(143);
  const id = campaignId();
  const before = mailsReceived(dir, id).length;
  expect(before).toBeGreaterThan(100);

  expect(existsSync(join(dir, 'temporal'))).toBe(true);
  rmSync(join(dir, 'temporal'), { recursive: true });

  const json = join(dir, 'out.json');
  const second = demoProcess(dir, ['--exit', '--json', json, '--attach', id]);
  const code = await second.ended(400_000);
  if (code !== 0) throw new Error(`ended with ${code}:\n${second.said()}`);
  const { out, mails } = expectEachOnce(dir, json);
  expect(out.campaignId).toBe(id);
  expect(mails.length).toBeGreaterThan(before);
  // Once defined, approved and piloted is enough.
  expect(out.approvals).toHaveLength(1);
  expect(out.stages.filter((stage) => stage.name === 'define')).toHaveLength(1);
}, 600_000);
