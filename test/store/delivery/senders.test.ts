import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createInAppSender } from '../../../adapters/in-app/in-app-sender';
import { readEnv } from '../../../config/env';
import type { OutgoingByChannel } from '../../../domain/delivery/ports';
import { CHANNELS } from '../../../domain/shared/words';
import { startSandbox, type Sandbox } from '../../../sandbox/sandbox';
import { createDevicesStore } from '../../../store/devices-store';
import { createInAppStore } from '../../../store/in-app-store';
import { closeSenders, createSenders } from '../../../worker/senders';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { seedPeople } from '../../support/seed-campaign';

const FROM = {
  name: 'Maison',
  line1: '1 rue A',
  line2: null,
  postcode: '69001',
  city: 'Lyon',
  country: 'FR',
};
const letter = { campaignId: 'c1', from: FROM, subject: 'Objet', paragraphs: ['Bonjour.'], locale: 'fr' };
const MESSAGES: { readonly [C in (typeof CHANNELS)[number]]: OutgoingByChannel[C] } = {
  email: {
    deliveryId: 1,
    to: { address: 'a@example.test' },
    from: { name: 'Maison', address: 'b@example.test' },
    subject: 'Bonjour',
    html: '<p>Bonjour</p>',
    text: 'Bonjour',
    headers: {},
    messageId: '<d1.c1@example.test>',
  },
  sms: { deliveryId: 2, to: '+33612345678', from: 'MAISON', text: 'Bonjour' },
  push: {
    deliveryId: 3,
    tokens: ['token-of-a-phone', 'token-that-is-gone'],
    title: 'T',
    body: 'B',
    url: null,
  },
  'in-app': {
    deliveryId: 4,
    profileId: 1,
    campaignId: 'c1',
    brand: 'maison',
    placement: 'home',
    contexts: [],
    title: 'Bonjour',
    body: 'Zoé',
    ctaLabel: 'Voir',
    ctaUrl: 'https://maison.example',
    locale: 'fr',
    transparent: false,
    expiresAt: null,
  },
  letter: { deliveryId: 5, kind: 'plain', to: FROM, email: null, ...letter },
  'e-letter': { deliveryId: 6, kind: 'lre', to: null, email: 'a@example.test', ...letter },
};

let database: FreshDatabase;
let folder: string;
let sandbox: Sandbox | null = null;
beforeEach(async () => {
  database = await freshDatabase(3);
  folder = await mkdtemp(join(tmpdir(), 'senders-'));
});
afterEach(async () => {
  await sandbox?.close();
  sandbox = null;
  await database.close();
  await rm(folder, { recursive: true });
});

async function sendAll(env: Record<string, string>) {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line) => void lines.push(line) });
  const senders = createSenders(
    readEnv({ BOUCLE_PEPPER: 'a-pepper-for-tests-alone', ...env }),
    database.db,
    log,
  );
  const outcomes = [
    await senders.email.send(MESSAGES.email),
    await senders.sms.send(MESSAGES.sms),
    await senders.push.send(MESSAGES.push),
    await senders['in-app'].send(MESSAGES['in-app']),
    await senders.letter.send(MESSAGES.letter),
    await senders['e-letter'].send(MESSAGES['e-letter']),
  ];
  await closeSenders(senders);
  return { kinds: outcomes.map(({ kind }) => kind), log: lines.join('') };
}

test('with nothing but the log every channel takes its message, and the log has ids and no words', async () => {
  const { kinds, log } = await sendAll({ IN_APP: 'log' });
  expect(kinds).toEqual(CHANNELS.map(() => 'accepted'));
  const waiting = await database.db.identity`select from identity.in_app_messages`;
  expect(waiting).toHaveLength(0);
  for (const id of [1, 2, 3, 4, 5, 6]) expect(log).toContain(`"deliveryId":${id}`);
  expect(log).not.toMatch(/Bonjour|example|token|612345678|rue A|Lyon/);
});

test('with the sandbox’s providers set each message is with its provider', async () => {
  sandbox = await startSandbox({ dataDir: folder, signingSecret: 'a-signing-secret' });
  expect((await sendAll({ ...sandbox.serviceEnv })).kinds).toEqual(CHANNELS.map(() => 'accepted'));
  expect(sandbox.sms.messages).toMatchObject([{ reference: '2', text: 'Bonjour' }]);
  expect(sandbox.fcm.messages).toHaveLength(2);
  expect(sandbox.eLetters.letters).toMatchObject([{ reference: '6', kind: 'lre' }]);
  expect(await readdir(join(folder, 'letters', 'c1'))).toEqual([
    'd5.pdf',
    expect.stringMatching(/^manifest-[\w-]+\.jsonl$/),
  ]);
});

test('an in-app message waits once, however often it is handed over; without a database it is tried later', async () => {
  const store = createInAppStore(database.db);
  const sender = createInAppSender((message) => store.publish(message), 2);
  for (const n of [1, 2]) {
    expect(await sender.send({ ...MESSAGES['in-app'], title: `Titre ${n}` })).toEqual({
      kind: 'accepted',
      providerId: '4',
    });
  }
  const rows = await database.db
    .identity`select delivery_id, content->>'title' as title from identity.in_app_messages`;
  expect([...rows]).toEqual([{ delivery_id: 4, title: 'Titre 1' }]);
  const broken = createInAppSender(() => Promise.reject(new Error('Zoé')), 2);
  expect(await broken.send(MESSAGES['in-app'])).toEqual({ kind: 'retry', code: 'relay-unreachable' });
});

test('a provider with half its settings is refused at start', () => {
  expect(() => readEnv({ SMS_URL: 'https://sms.example' })).toThrow('SMS_TOKEN: must be set with SMS_URL');
  const twilio = { TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`, TWILIO_AUTH_TOKEN: '0'.repeat(32) };
  expect(() => readEnv({ ...twilio, SMS_URL: 'https://sms.example', SMS_TOKEN: 'x' })).toThrow(
    'TWILIO_ACCOUNT_SID',
  );
  expect(readEnv(twilio).TWILIO_AUTH_TOKEN).toBe('0'.repeat(32));
});

test('a token FCM gives up is revoked where the gate looks', async () => {
  sandbox = await startSandbox({ dataDir: folder, signingSecret: 'a-signing-secret' });
  const [anne = 0] = await seedPeople(database.db, 1);
  const devices = createDevicesStore(database.db, 'a-pepper-for-tests-alone');
  await devices.register({ profileId: anne, token: 'token-that-is-gone', platform: 'ios', locale: null });
  sandbox.fcm.troubles.next({
    kind: 'refuse',
    status: 404,
    body: { error: { status: 'NOT_FOUND', details: [{ errorCode: 'UNREGISTERED' }] } },
  });
  const senders = createSenders(
    readEnv({ BOUCLE_PEPPER: 'a-pepper-for-tests-alone', ...sandbox.serviceEnv }),
    database.db,
    pino({ level: 'silent' }),
  );
  expect(await senders.push.send({ ...MESSAGES.push, tokens: ['token-that-is-gone'] })).toEqual({
    kind: 'failed',
    code: 'unregistered',
  });
  await closeSenders(senders);
  const [row] = await database.db.app<
    { revoked: boolean }[]
  >`select revoked_at is not null as revoked from devices`;
  expect(row?.revoked).toBe(true);
});
