import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authenticate } from 'mailauth';
import { createDkimSigner, relaxedBody, relaxedHeader } from '../../../adapters/smtp/dkim';
import { readDkimKeys } from '../../../adapters/smtp/dkim-keys';
import { buildMime } from '../../../adapters/smtp/mime';

const NOW = new Date('2026-11-22T10:00:00Z');
const mime = buildMime(
  {
    deliveryId: 7,
    to: { name: 'Zoé Ångström', address: 'zoe@example.test' },
    from: { name: 'Maison Lumière', address: 'bonjour@courrier.lumiere.example' },
    replyTo: 'aide@lumiere.example',
    subject: 'L’été est prêt, un sujet assez long pour qu’il lui faille plusieurs lignes au moins',
    html: '<p>Été  avec   des blancs \t </p>\n\n.\n\n\n',
    text: 'Été\n.\n\n',
    headers: {
      'List-Unsubscribe': '<https://crm.example/u/abc>, <mailto:non@lumiere.example?subject=unsubscribe>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'Feedback-ID': 'c1:crm:promotion:lumiere',
    },
    messageId: '<d7.c1@courrier.lumiere.example>',
  },
  NOW,
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'boucle-dkim-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Keeps the private key where the sender reads it, and answers what DNS would publish. */
function publish(kind: 'rsa' | 'ed25519', name: string): string {
  const { privateKey, publicKey } =
    kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }) : generateKeyPairSync('ed25519');
  writeFileSync(join(folder, `${name}.pem`), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const der = publicKey.export({ type: 'spki', format: 'der' });
  // RFC 8463 §3: the raw 32 bytes.
  const p = (kind === 'rsa' ? der : der.subarray(-32)).toString('base64');
  return `v=DKIM1; k=${kind}; p=${p}`;
}

async function verified(message: string, records: Readonly<Record<string, string>>) {
  const { dkim } = await authenticate(Buffer.from(message, 'latin1'), {
    ip: '192.0.2.1',
    helo: 'relay.example',
    sender: 'bounce@lumiere.example',
    disableArc: true,
    disableDmarc: true,
    disableBimi: true,
    resolver: (name: string, type: string) => {
      const record = records[name];
      if (type === 'TXT' && record !== undefined) return Promise.resolve([[record]]);
      return Promise.reject(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }));
    },
  });
  return dkim?.results[0];
}

it.each(['rsa', 'ed25519'] as const)('signs so that an independent verifier passes it: %s', async (kind) => {
  const name = 'boucle-1._domainkey.lumiere.example';
  const records = { [name]: publish(kind, name) };
  const sign = createDkimSigner(readDkimKeys(folder));
  const message = await sign(mime, 'courrier.lumiere.example', NOW);
  const result = await verified(message, records);
  expect(result?.status).toMatchObject({ result: 'pass' });
  expect(result).toMatchObject({
    signingDomain: 'lumiere.example',
    selector: 'boucle-1',
    format: 'relaxed/relaxed',
  });
  const signedHeaders = new Set(/\bh=([^;]+);/.exec(message)?.[1]?.split(/[\s:]+/));
  for (const header of [
    'from',
    'to',
    'subject',
    'date',
    'message-id',
    'mime-version',
    'content-type',
    'list-unsubscribe',
    'list-unsubscribe-post',
    'feedback-id',
  ])
    expect(signedHeaders).toContain(header);

  // Spaces and folds may change on the way; words and links may not.
  const touched = (from: string, to: string): string => {
    expect(message).toContain(from);
    return message.replace(from, to);
  };
  const outcome = async (changed: string) => (await verified(changed, records))?.status.result;
  expect(await outcome(touched('Feedback-ID: c1', 'Feedback-ID:\r\n\tc1'))).toBe('pass');
  expect(await outcome(touched('/u/abc>', '/u/abd>'))).toBe('fail');
  expect(await outcome(touched('List-Unsubscribe=One-Click', 'List-Unsubscribe=Never'))).toBe('fail');
  expect(await outcome(touched('blancs', 'blanks'))).not.toBe('pass');
  expect(
    Math.max(
      ...message
        .split('\r\n\r\n', 1)[0]!
        .split('\r\n')
        .map((line) => line.length),
    ),
  ).toBeLessThan(120);
});

it('leaves a message of a domain without a key as it is', async () => {
  publish('rsa', 's._domainkey.lumiere.example');
  const sign = createDkimSigner(readDkimKeys(folder));
  expect(await sign(mime, 'notlumiere.example', NOW)).toBe(mime);
});

it('brings headers and bodies into the form of RFC 6376 §3.4.5', () => {
  expect(relaxedHeader('A: X')).toBe('a:X');
  expect(relaxedHeader('B : Y\t\r\n\tZ  ')).toBe('b:Y Z');
  expect(relaxedBody(' C \r\nD \t E\r\n\r\n\r\n')).toBe(' C\r\nD E\r\n');
  expect(relaxedBody('\r\n')).toBe('');
});

it.each([
  ['lumiere.example.pem', 'x', /named/],
  ['s._domainkey.lumiere.example.pem', 'secret words', /no private key in PEM$/],
])('names the file that cannot sign, and none of its content: %s', (file, content, words) => {
  writeFileSync(join(folder, file), content);
  expect(() => readDkimKeys(folder)).toThrow(words);
  expect(() => readDkimKeys(folder)).not.toThrow(/secret/);
});

it('refuses a key too weak to be believed', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 512 });
  writeFileSync(
    join(folder, 's._domainkey.lumiere.example.pem'),
    privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );
  expect(() => readDkimKeys(folder)).toThrow(/1024 bits/);
});
