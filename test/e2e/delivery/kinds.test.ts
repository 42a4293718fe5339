import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readEnv } from '../../../config/env';
import { fromRoot } from '../../../config/paths';
import { createApiClient, type ApiClient } from '../../../sandbox/demo/api-client';
import type { ReceivedMail } from '../../../sandbox/mail-sink/record';
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox';
import { startStack, type Stack } from '../../../stack/stack';
import { buildOnce } from '../../support/demo-process';

/** The recipes of examples/recipes on a whole stack, by the public API alone. */

const dir = mkdtempSync(join(tmpdir(), 'boucle-kinds-'));
const mails: ReceivedMail[] = [];
let sandbox: Sandbox;
let stack: Stack;
let author: ApiClient;
let approver: ApiClient;
let admin: ApiClient;

const anything = z.unknown();
const keyAnswer = z.object({ key: z.string() });
const recipe = (name: string) =>
  JSON.parse(readFileSync(fromRoot('examples', 'recipes', `${name}.json`), 'utf8'));
const example = (name: string) => readFileSync(fromRoot('examples', 'first', name), 'utf8');

beforeAll(async () => {
  chmodSync(dir, 0o755);
  buildOnce();
  sandbox = await startSandbox({
    dataDir: dir,
    signingSecret: 'a-signing-secret',
    onMail: (mail) => mails.push(mail),
  });
  stack = await startStack({ env: readEnv({ BOUCLE_DATA_DIR: dir }), serviceEnv: sandbox.serviceEnv });
  admin = createApiClient(stack.apiUrl, stack.secrets.adminKey);
  const keyFor = async (principal: string, role: string): Promise<ApiClient> => {
    const body = { principal, roles: [role] };
    return admin.as(
      (await admin.call({ method: 'POST', path: '/v1/api-keys', body, answer: keyAnswer })).key,
    );
  };
  author = await keyFor('author', 'editor');
  approver = await keyFor('claire', 'approver');

  const mapping = JSON.parse(example('mapping.json'));
  const attribute = { column: 'nouveau', to: 'attributes.newbie', type: 'boolean' };
  const newsletter = { ...mapping.consents[0], purpose: 'newsletter' };
  const body = {
    ...mapping,
    fields: [...mapping.fields, attribute],
    consents: [...mapping.consents, newsletter],
  };
  await author.call({ method: 'PUT', path: '/v1/imports/mappings/crm', body, answer: anything });
  await importPeople([
    ['c-1', 'Camille', 'camille@example.test', 'non', 'oui'],
    ['c-2', 'Louis', 'louis@example.test', 'oui', 'oui'],
  ]);
  for (const segment of [...recipe('segments'), JSON.parse(example('segment.json'))]) {
    await author.call({ method: 'POST', path: '/v1/segments', body: segment, answer: anything });
    for (const step of ['simulate', 'live'])
      await author.call({
        method: 'POST',
        path: `/v1/segments/${segment.key}/${step}`,
        body: { version: 1 },
        answer: anything,
      });
  }
  const offer = JSON.parse(example('offer.json'));
  await author.call({ method: 'PUT', path: '/v1/offers/AUTOMNE', body: offer, answer: anything });
  await author.call({
    method: 'PUT',
    path: '/v1/persona-matrix',
    text: { contentType: 'text/csv', content: example('persona_matrix.csv') },
    answer: anything,
  });
  await approver.call({ method: 'POST', path: '/v1/persona-matrix/versions/1/approve', answer: anything });
}, 180_000);

afterAll(async () => {
  await stack.stop();
  await sandbox.close();
  rmSync(dir, { recursive: true, force: true });
}, 60_000);

/** Rows of (id, first name, e-mail, new?, newsletter?). */
async function importPeople(rows: readonly (readonly string[])[]): Promise<void> {
  const lines = rows.map(
    ([id, name, email, fresh, consent]) => `${id},${name},${email},75011,34,${consent},2026-03-02,${fresh}`,
  );
  const content = [
    'client_id,prenom,email,code_postal,age,consent_email,consent_email_le,nouveau',
    ...lines,
  ].join('\n');
  const { id } = await author.call({
    method: 'POST',
    path: '/v1/imports?mapping=crm',
    text: { contentType: 'text/csv', content },
    answer: z.object({ id: z.string() }),
  });
  await until(async () => {
    const found = await author.call({
      path: `/v1/imports/${id}`,
      answer: z.object({ state: z.string(), rejected: z.number() }),
    });
    expect(found.rejected).toBe(0);
    return found.state === 'done';
  });
}

async function until(holds: () => Promise<boolean> | boolean, ms = 60_000): Promise<void> {
  const giveUp = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > giveUp) throw new Error('it never came to be');
    await sleep(200);
  }
}

/** Drafts, validates and starts a scenario, then approves what it shows. */
async function running(scenario: { key: string }): Promise<string> {
  await author.call({ method: 'POST', path: '/v1/scenarios', body: scenario, answer: anything });
  await author.call({ method: 'POST', path: `/v1/scenarios/${scenario.key}/validate`, answer: anything });
  const { id } = await author.call({
    method: 'POST',
    path: '/v1/campaigns',
    body: { scenario: scenario.key },
    answer: z.object({ id: z.string() }),
  });
  const standing = z.object({
    stage: z.string(),
    approval: z.object({ subjectHash: z.string() }).nullish(),
    blockedOn: z.string().nullable(),
  });
  let subjectHash: string | undefined;
  await until(async () => {
    const found = await author.call({ path: `/v1/campaigns/${id}`, answer: standing });
    subjectHash = found.approval?.subjectHash;
    return found.blockedOn === 'approval';
  });
  await approver.call({
    method: 'POST',
    path: `/v1/campaigns/${id}/decisions`,
    body: { decision: 'approve', subjectHash },
    answer: anything,
  });
  await until(
    async () => (await author.call({ path: `/v1/campaigns/${id}`, answer: standing })).stage === 'rollout',
  );
  return id;
}

const to = (address: string) => mails.filter((mail) => mail.to.includes(address));

test('a service message goes to one person, filled with what it was asked with, once an asking', async () => {
  const campaign = await running(recipe('order-confirmation'));
  const ask = (profile: object, values: object) =>
    author.call({
      method: 'POST',
      path: '/v1/messages',
      body: { scenario: 'order-confirmation', profile, values },
      answer: z.object({ messageId: z.string(), campaignId: z.literal(campaign) }),
    });
  const asked = await ask({ customerKey: 'c-1' }, { orderNumber: 'A-1001', deliveryDay: 'jeudi' });
  await ask({ customerKey: 'c-1' }, { orderNumber: 'A-1002' });
  await until(() => to('camille@example.test').length === 2);
  const subjects = to('camille@example.test').map((mail) => mail.subject);
  expect(subjects.sort()).toEqual([
    'Votre commande A-1001 est bien reçue',
    'Votre commande A-1002 est bien reçue',
  ]);
  await until(async () => {
    const found = await author.call({
      path: `/v1/messages/${asked.messageId}`,
      answer: z.object({ delivery: z.object({ state: z.string(), channel: z.string() }).nullable() }),
    });
    return found.delivery?.state === 'accepted' && found.delivery.channel === 'email';
  });
  await expect(ask({ customerKey: 'c-1' }, {})).rejects.toMatchObject({ status: 400 });
  await expect(ask({ customerKey: 'nobody' }, { orderNumber: 'x' })).rejects.toMatchObject({ status: 404 });
});

test('people enter a continuous campaign as they come, get the message, then the reminder unless they clicked', async () => {
  const welcome = recipe('welcome');
  // One newsletter a week would hold the reminder back for longer than a test may take.
  await admin.call({
    method: 'PUT',
    path: '/v1/policies/cap/newsletter-7-days',
    body: { nature: 'newsletter', limit: null, windowDays: 7 },
    answer: anything,
  });
  const id = await running({
    ...welcome,
    continuous: { ...welcome.continuous, everySeconds: 1, periodSeconds: 60 },
    steps: welcome.steps.map((step: object) => ({ ...step, afterSeconds: 2 })),
  });
  const before = mails.length;
  await importPeople([['c-3', 'Inès', 'ines@example.test', 'oui', 'oui']]);
  await until(() => to('ines@example.test').length === 2, 90_000);
  expect(to('ines@example.test').map((mail) => mail.subject)).toEqual([
    'Bienvenue chez Maison Lumen',
    'Vos conseils d’éclairage vous attendent',
  ]);
  // Louis was there already, Camille is not new: nobody else is written to.
  expect(mails).toHaveLength(before + 2);
  const ledger = await author.call({
    path: `/v1/campaigns/${id}/deliveries`,
    answer: z.object({ items: z.array(z.object({ step: z.string(), state: z.string() })) }),
  });
  expect(ledger.items.map(({ step, state }) => [step, state])).toEqual([
    ['first', 'accepted'],
    ['reminder', 'accepted'],
  ]);
}, 150_000);
