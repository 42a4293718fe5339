import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { personOutcome } from '../../../adapters/push/fcm-outcome';
import { createFcmSender } from '../../../adapters/push/fcm-sender';
import { readServiceAccount } from '../../../adapters/push/service-account';
import type { OutgoingPush, Sender } from '../../../domain/delivery/ports';
import { fcmFault, startFcm, type FcmStandIn } from '../../../sandbox/push/fcm';

const GONE = 'token-of-an-application-that-is-gone';
const HERE = 'token-of-a-phone';
const push = (change: Partial<OutgoingPush> = {}): OutgoingPush => ({
  deliveryId: 7,
  tokens: [HERE],
  title: 'Bonjour',
  body: 'C’est l’été',
  url: 'https://maison.example/ete',
  ...change,
});

let fcm: FcmStandIn;
let revoked: string[] = [];
let sender: Sender<'push'>;
const open = (more: Partial<Parameters<typeof createFcmSender>[0]> = {}) =>
  createFcmSender({
    ...fcm,
    account: fcm.serviceAccount,
    connections: 4,
    answerTimeoutMs: 300,
    onUnregistered: async (tokens) => void revoked.push(...tokens),
    ...more,
  });
beforeAll(async () => {
  fcm = await startFcm({ port: 0, unregistered: [GONE] });
});
afterAll(() => fcm.close());
beforeEach(() => {
  revoked = [];
  sender = open();
});
afterEach(() => sender.close());

test('a message to each device under one access token', async () => {
  const before = { messages: fcm.messages.length, grants: fcm.grants() };
  const outcomes = await Promise.all(
    [1, 2, 3].map((deliveryId) => sender.send(push({ deliveryId, tokens: [HERE, 'token-of-a-tablet'] }))),
  );
  expect(outcomes.every((o) => o.kind === 'accepted' && /^0:\d+$/.test(o.providerId))).toBe(true);
  expect(fcm.messages.length - before.messages).toBe(6);
  expect(fcm.grants() - before.grants).toBe(1);
  expect(fcm.messages.at(-1)).toMatchObject({
    notification: { title: 'Bonjour', body: 'C’est l’été' },
    data: { url: 'https://maison.example/ete' },
  });
});

test('a device that is gone is revoked, and does not keep the message from another', async () => {
  expect(await sender.send(push({ tokens: [GONE, HERE] }))).toMatchObject({ kind: 'accepted' });
  expect(await sender.send(push({ tokens: [GONE] }))).toEqual({ kind: 'failed', code: 'unregistered' });
  expect(revoked).toEqual([GONE, GONE]);
  expect(await sender.send(push({ tokens: [] }))).toEqual({ kind: 'failed', code: 'unregistered' });
});

test('the outcome stands where the revocation cannot be written', async () => {
  const other = open({ onUnregistered: () => Promise.reject(new Error('database away')) });
  expect(await other.send(push({ tokens: [GONE] }))).toEqual({ kind: 'failed', code: 'unregistered' });
  await other.close();
});

test.each([
  [
    429,
    fcmFault(429, 'RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED'),
    { kind: 'retry', code: 'http-429', retryAfterSeconds: 60 },
  ],
  [
    503,
    fcmFault(503, 'UNAVAILABLE', 'UNAVAILABLE'),
    { kind: 'retry', code: 'http-503', retryAfterSeconds: 60 },
  ],
  [503, '<html>', { kind: 'uncertain', code: 'http-503' }],
  [500, fcmFault(500, 'INTERNAL', 'INTERNAL'), { kind: 'uncertain', code: 'http-500' }],
  [400, fcmFault(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'), { kind: 'failed', code: 'invalid-argument' }],
  [
    403,
    fcmFault(403, 'PERMISSION_DENIED', 'SENDER_ID_MISMATCH'),
    { kind: 'failed', code: 'sender-id-mismatch' },
  ],
  [403, fcmFault(403, 'PERMISSION_DENIED', null), { kind: 'retry', code: 'relay-refused' }],
  [401, fcmFault(401, 'UNAUTHENTICATED', 'THIRD_PARTY_AUTH_ERROR'), { kind: 'retry', code: 'relay-refused' }],
  [404, '<html>', { kind: 'retry', code: 'relay-refused' }],
  [404, fcmFault(404, 'NOT_FOUND', 'UNREGISTERED'), { kind: 'failed', code: 'unregistered' }],
])('%i is understood: case %#', async (status, body, outcome) => {
  fcm.troubles.next({ kind: 'refuse', status, headers: { 'retry-after': '60' }, body });
  expect(await sender.send(push())).toEqual(outcome);
});

test('silence is uncertain: FCM knows no message again', async () => {
  fcm.troubles.next({ kind: 'lose-answer' }, { kind: 'never-answer' });
  expect(await sender.send(push())).toEqual({ kind: 'uncertain', code: 'connection-lost' });
  expect(await sender.send(push())).toEqual({ kind: 'uncertain', code: 'no-answer' });
  expect(sender.idempotent).toBe(false);
});

test('a key Google does not know sends nothing, and fails no message', async () => {
  const before = fcm.messages.length;
  const stranger = open({ account: { ...fcm.serviceAccount, client_email: 'else@sandbox.example' } });
  expect(await stranger.send(push())).toEqual({ kind: 'retry', code: 'relay-refused' });
  await stranger.close();
  expect(fcm.messages.length).toBe(before);
});

test('of several devices: one that took it decides, then doubt, then whoever asks for most patience', () => {
  const accepted = { kind: 'accepted', providerId: 'a' } as const;
  const uncertain = { kind: 'uncertain', code: 'no-answer' } as const;
  const soon = { kind: 'retry', code: 'http-503' } as const;
  const later = { kind: 'retry', code: 'http-429', retryAfterSeconds: 60 } as const;
  const gone = { kind: 'failed', code: 'unregistered' } as const;
  const bad = { kind: 'failed', code: 'invalid-argument' } as const;
  expect(personOutcome([uncertain, soon, accepted])).toEqual({ ...accepted, units: 1 });
  expect(personOutcome([later, uncertain, gone])).toEqual(uncertain);
  expect(personOutcome([soon, later, bad])).toEqual(later);
  expect(personOutcome([gone, bad])).toEqual(bad);
  expect(personOutcome([gone, gone])).toEqual(gone);
});

test('a key file that is none is said without showing any of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fcm-'));
  const path = join(folder, 'key.json');
  await writeFile(path, JSON.stringify(fcm.serviceAccount));
  expect(readServiceAccount(path)).toMatchObject({ project_id: 'sandbox-project' });
  await writeFile(path, JSON.stringify({ ...fcm.serviceAccount, private_key: 'hush' }));
  expect(() => readServiceAccount(path)).toThrow(/FCM_SERVICE_ACCOUNT/);
  expect(() => readServiceAccount(path)).not.toThrow(/hush/);
  await rm(folder, { recursive: true });
});
