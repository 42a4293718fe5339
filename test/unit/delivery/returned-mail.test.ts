import * as fc from 'fast-check';
import { readDeliveryStatus } from '../../../adapters/bounces/delivery-status';
import { findDelivery } from '../../../adapters/bounces/find-delivery';
import { readReturnedMail } from '../../../adapters/bounces/read-returned-mail';
import { createLinkSigner } from '../../../adapters/links/signer';
import { buriesAddress } from '../../../domain/delivery/bounce';
import { returnedMail, type ReturnedMailName, type ReturnedMailWords } from '../../support/returned-mail';

const signer = createLinkSigner('a secret only for the tests');
const TO = 'camille.martin@example.test';
const words: ReturnedMailWords = {
  returnPath: `bounce+${signer.bounce(42)}@lumen.example.test`,
  messageId: 'd42.c1a2b3@lumen.example.test',
  unsubscribe: `https://lumen.example.test/u/${signer.unsubscribe(42)}`,
};
const NOTHING: ReturnedMailWords = {
  returnPath: 'bounces@x.test',
  messageId: 'x@x.test',
  unsubscribe: 'https://x.test/',
};
const read = (name: ReturnedMailName, with_: ReturnedMailWords = words) =>
  readReturnedMail(returnedMail(name, with_));
const find = { signer, fingerprint: (address: string) => (address === TO ? 'fp' : null) };

test.each<[ReturnedMailName, object]>([
  ['postfix-failed', { kind: 'bounced', hard: true, code: '550 5.1.1', recipients: [TO, TO] }],
  ['postfix-delayed', { kind: 'deferred', recipients: [TO] }],
  ['exim-failed', { kind: 'bounced', hard: true, code: '550 5.2.1', recipients: [TO] }],
  ['exchange-failed', { kind: 'bounced', hard: true, code: '550 5.1.10', recipients: [TO] }],
  ['gmail-full', { kind: 'bounced', hard: false, code: '452 4.2.2', recipients: [TO] }],
  ['arf-abuse', { kind: 'complained', recipients: ['redacted@example.test'] }],
  ['qmail', { kind: 'unknown', why: 'no-report' }],
  ['absence', { kind: 'unknown', why: 'auto-reply' }],
])('%s is read as it is meant', async (name, status) => {
  expect((await read(name)).status).toEqual(status);
});

test.each<ReturnedMailName>([
  'postfix-failed',
  'postfix-delayed',
  'exim-failed',
  'exchange-failed',
  'gmail-full',
  'qmail',
  'absence',
])('%s names its message by the tagged return path', async (name) => {
  const mail = await read(name, { ...NOTHING, returnPath: words.returnPath });
  expect(findDelivery(mail, null, find)).toEqual({ deliveryId: 42 });
});

test('without it: by the envelope, then the signed unsubscribe link, then Message-ID and address', async () => {
  const bare = await read('postfix-failed', NOTHING);
  expect(findDelivery(bare, null, find)).toBeNull();
  expect(findDelivery(bare, words.returnPath, find)).toEqual({ deliveryId: 42 });
  const linked = await read('arf-abuse', { ...NOTHING, unsubscribe: words.unsubscribe });
  expect(findDelivery(linked, null, find)).toEqual({ deliveryId: 42 });
  const named = await read('exim-failed', { ...NOTHING, messageId: words.messageId });
  expect(findDelivery(named, null, find)).toEqual({ deliveryId: 42, campaignId: 'c1a2b3', addressFp: 'fp' });
});

test('a token of another kind or secret, or a Message-ID about nobody, names nothing', async () => {
  const forger = createLinkSigner('another secret altogether');
  for (const token of [forger.bounce(42), signer.click(42, 0), signer.unsubscribe(42), signer.open(42)]) {
    const mail = await read('postfix-failed', {
      ...NOTHING,
      returnPath: `bounce+${token}@lumen.example.test`,
    });
    expect(findDelivery(mail, null, find)).toBeNull();
  }
  const redacted = await read('arf-abuse', { ...NOTHING, messageId: words.messageId });
  expect(findDelivery(redacted, null, find)).toBeNull();
});

test.each<[string, string, object]>([
  [
    'no status',
    'Final-Recipient: rfc822; a@b.test\nAction: failed\nDiagnostic-Code: smtp; 550 5.1.1 no',
    { why: 'incomplete-report' },
  ],
  ['no action', 'Final-Recipient: rfc822; a@b.test\nStatus: 5.1.1', { why: 'incomplete-report' }],
  [
    'failed with a success',
    'Final-Recipient: rfc822; a@b.test\nAction: failed\nStatus: 2.0.0',
    { why: 'incomplete-report' },
  ],
  [
    'delayed for ever',
    'Final-Recipient: rfc822; a@b.test\nAction: delayed\nStatus: 5.1.1',
    { why: 'incomplete-report' },
  ],
  ['no recipient at all', 'Reporting-MTA: dns; x', { why: 'incomplete-report' }],
  ['handed on', 'Final-Recipient: rfc822; a@b.test\nAction: relayed\nStatus: 2.0.0', { why: 'relayed' }],
  [
    'two recipients, two fates',
    'Final-Recipient: rfc822; a@b.test\nAction: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; c@b.test\nAction: delivered\nStatus: 2.0.0',
    { why: 'several-recipients' },
  ],
  ['delivered', 'Final-Recipient: rfc822; a@b.test\nAction: delivered\nStatus: 2.0.0', { kind: 'delivered' }],
  [
    'a comment behind the numbers',
    'Final-Recipient: RFC822;a@b.test\nAction: Failed\nStatus: 5.1.1 (bad destination)',
    { kind: 'bounced', code: '5.1.1' },
  ],
  [
    'a diagnosis of another class',
    'Final-Recipient: rfc822;a@b.test\nAction: failed\nStatus: 5.4.7\nDiagnostic-Code: smtp; 451 4.7.1 wait',
    { hard: true, code: '5.4.7' },
  ],
])('a report with %s', (_case, text, status) => {
  expect(readDeliveryStatus(`Reporting-MTA: dns; x\n\n${text}`.replaceAll('\n', '\r\n'))).toMatchObject(
    status,
  );
});

test('any bytes are read without a throw, and never as a bounce', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 2_000 }),
        fc.string().map((s) => Buffer.from(s)),
      ),
      async (bytes) => {
        expect((await readReturnedMail(bytes)).status.kind).toBe('unknown');
      },
    ),
    { numRuns: 200 },
  );
});

test.each<[boolean, string | null, boolean]>([
  [true, '550 5.1.1', true],
  [true, '5.1.1', true],
  [true, '550 5.7.1', false],
  [true, '552 5.2.2', false],
  [true, '550', true],
  [true, null, true],
  [false, '550 5.1.1', false],
])('hard %s with %s buries the address: %s', (hard, code, buries) => {
  expect(buriesAddress({ hard, code })).toBe(buries);
});
