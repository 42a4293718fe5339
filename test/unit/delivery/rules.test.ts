import * as fc from 'fast-check';
import { defaultPolicies } from '../../../config/policies/delivery';
import { agentKind } from '../../../domain/delivery/agent-kind';
import { addsUp, isComplete } from '../../../domain/delivery/arithmetic';
import { isDeadAddress } from '../../../domain/delivery/bounce';
import { natureRule } from '../../../domain/delivery/nature-rules';
import { capsSchema } from '../../../domain/frequency/cap';
import { NATURES } from '../../../domain/shared/words';
import { quotedPrintable } from '../../../adapters/smtp/quoted-printable';
import { replyCode } from '../../../adapters/smtp/outcome';
import { readSmtpUrl } from '../../../adapters/smtp/smtp-url';

describe('natures', () => {
  it('owe nothing to caps and holdout when they are owed to the person', () => {
    const exempt = NATURES.filter((nature) => !natureRule(nature).caps);
    expect(exempt).toEqual(['service', 'official']);
    for (const nature of exempt) expect(natureRule(nature)).toMatchObject({ holdout: false });
  });
  it('that advertise need a yes and carry an unsubscribe link', () => {
    for (const nature of ['promotion', 'newsletter', 'survey'] as const) {
      expect(natureRule(nature)).toMatchObject({
        consent: { kind: 'opt-in', purpose: nature },
        unsubscribe: true,
      });
    }
    expect(natureRule('official')).toMatchObject({ consent: null, unsubscribe: false });
  });
});

describe('caps', () => {
  it('start from the reviewed file', () => {
    expect(defaultPolicies().cap).toMatchObject({
      'promotion-14-days': { nature: 'promotion', limit: 1, windowDays: 14 },
      'newsletter-7-days': { nature: 'newsletter', limit: 1, windowDays: 7 },
    });
  });
  it.each([{ limit: -1 }, { limit: 1.5 }, { windowDays: 0 }, { nature: 'spam' }, { window: 3 }])(
    'refuse %j',
    (wrong) => {
      expect(
        capsSchema.safeParse({ promo: { nature: 'promotion', limit: 1, windowDays: 14, ...wrong } }).success,
      ).toBe(false);
    },
  );
});

it('counts add up only when everybody is somewhere exactly once', () => {
  const counts = { planned: 10, accepted: 4, failed: 1, skipped: 2, uncertain: 1, open: 2 };
  expect(addsUp(counts)).toBe(true);
  expect(isComplete(counts)).toBe(false);
  expect(isComplete({ ...counts, skipped: 4, open: 0 })).toBe(true);
  expect(isComplete({ ...counts, open: 0 })).toBe(false);
});

it.each([
  ['550 5.1.1', true],
  ['550 5.1.10', true],
  ['550', false],
  ['550 5.7.1', false],
  ['bad-address', false],
])('%s means a dead address: %s', (code, dead) => {
  expect(isDeadAddress('email', code)).toBe(dead);
});

it.each([
  ['550-5.1.1 The account\n550 5.1.1 is gone', '550 5.1.1'],
  ['550 No such user 5.1.1', '550'],
  ['421 4.7.0 Try', '421 4.7.0'],
  ['451', '451'],
])('keeps of %j the code alone', (reply, code) => {
  expect(replyCode(reply)?.code).toBe(code);
});

it.each<[string, string | undefined, 'person' | 'robot']>([
  [
    'GET',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36',
    'person',
  ],
  [
    'GET',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148',
    'person',
  ],
  ['GET', undefined, 'person'],
  ['HEAD', 'Mozilla/5.0', 'robot'],
  ['GET', 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'robot'],
  ['GET', 'Barracuda Sentinel (EE)', 'robot'],
  ['GET', 'WhatsApp/2.23.20', 'robot'],
])('%s by %s is a %s', (method, userAgent, kind) => {
  expect(agentKind({ method, userAgent })).toBe(kind);
});

describe("the relay's address", () => {
  it('says where, how and as whom', () => {
    expect(readSmtpUrl('smtp://u%40x:p%3Aw@relay.test:2525?tls=require')).toEqual({
      host: 'relay.test',
      port: 2525,
      secure: false,
      tls: 'require',
      auth: { user: 'u@x', pass: 'p:w' },
    });
    expect(readSmtpUrl('smtps://[::1]')).toEqual({
      host: '::1',
      port: 465,
      secure: true,
      tls: 'where-offered',
      auth: null,
    });
  });
  it.each(['http://x', 'relay.test', 'smtp://', 'smtp://h?tls=maybe'])(
    'is refused without being repeated: %s',
    (url) => {
      expect(() => readSmtpUrl(url)).toThrow(/^SMTP_URL/);
    },
  );
});

describe('quoted-printable', () => {
  /** The way back, as RFC 2045 §6.7 has it. */
  const decode = (encoded: string): string =>
    Buffer.from(
      encoded
        .replace(/=\r\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
      'latin1',
    ).toString('utf8');

  it('comes back as it went, on lines no longer than 76 that end in no blank', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', 'é', '€', '😀', ' ', '\t', '\n', '\r\n', '=', '.', '"'),
          maxLength: 400,
        }),
        (text) => {
          const encoded = quotedPrintable(text).toString('latin1');
          expect(decode(encoded)).toBe(text.replace(/\r?\n/g, '\r\n'));
          for (const line of encoded.split('\r\n')) {
            expect(line.length).toBeLessThanOrEqual(76);
            expect(line).not.toMatch(/[ \t]$/);
          }
        },
      ),
    );
  });

  it.each([
    ['abc', 3],
    ['é', 6],
    ['=', 3],
    ['a\nb', 4],
    ['🌿', 12],
    ['x'.repeat(100), 103],
  ])('of %j takes %i bytes', (text, bytes) => {
    expect(quotedPrintable(text)).toHaveLength(bytes);
  });
});
