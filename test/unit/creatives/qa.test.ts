import { CHECKS, isRejected, looksAt, runChecks, type CheckId } from '../../../domain/creatives/qa';
import type { Observations, Variant } from '../../../domain/creatives/observations';

const variant: Variant = {
  person: 'somebody',
  subject: 'Notre sélection d’automne',
  preheader: 'Des lampes choisies pour les soirs qui rallongent, livrées chez vous.',
  visibleText: 'Bonjour, les soirées rallongent.',
  text: 'Bonjour, les soirées rallongent.',
};

const good: Observations = {
  channel: 'email',
  nature: 'promotion',
  missing: [],
  variants: [variant],
  variableUses: [{ name: 'firstName', hasFallback: true }],
  fixedUses: [],
  images: [{ src: 'https://example.test/a.jpg', alt: 'Un salon le soir', linked: true }],
  links: [{ href: 'https://example.test/t/c/x', label: 'Voir' }],
  targets: ['https://example.test/automne'],
  lang: 'fr',
  title: 'La lumière',
  contrasts: [{ name: 'text', foreground: '#000000', background: '#ffffff', ratio: 21, large: false }],
  weightBytes: 20_000,
  sender: { name: 'Maison', address: 'bonjour@example.test' },
  unsubscribe: { required: true, inBody: true },
  heroIsFallback: false,
  sms: null,
  transparent: null,
  letter: null,
  unitMicros: 400,
};
const sms: Observations = {
  ...good,
  channel: 'sms',
  sms: { encoding: 'gsm7', segments: 1, odd: [], linkLength: 40 },
};
const push: Observations = { ...good, channel: 'push' };
const inApp: Observations = {
  ...good,
  channel: 'in-app',
  transparent: { title: 'Nos lampes', body: 'Une sélection pour tous.' },
};
const letter: Observations = { ...good, channel: 'letter', letter: { pages: 1, hasSenderAddress: true } };

/** For each check, a good message, what must trip it and how severely. */
const bad: Record<CheckId, readonly [Partial<Observations>, 'blocking' | 'warning', Observations?]> = {
  'missing-words': [{ missing: ['inApp'] }, 'blocking', inApp],
  'sms-length': [{ sms: { encoding: 'gsm7', segments: 3, odd: [], linkLength: 40 } }, 'warning', sms],
  'sms-stop': [{ unsubscribe: { required: true, inBody: false } }, 'blocking', sms],
  'sms-link': [{ sms: { encoding: 'gsm7', segments: 1, odd: [], linkLength: 81 } }, 'warning', sms],
  'push-length': [{ variants: [{ ...variant, subject: 'x'.repeat(46) }] }, 'warning', push],
  'transparent-words': [
    { transparent: { title: 'Nos lampes', body: 'Bonjour {{ person.firstName | default: "" }}' } },
    'blocking',
    inApp,
  ],
  'letter-length': [{ letter: { pages: 3, hasSenderAddress: true } }, 'warning', letter],
  'letter-price': [{ unitMicros: null }, 'blocking', letter],
  'letter-sender': [{ letter: { pages: 1, hasSenderAddress: false } }, 'blocking', letter],
  'unresolved-variables': [{ variants: [{ ...variant, visibleText: 'Bonjour {{ prenom }}' }] }, 'blocking'],
  'no-offer': [{ nature: 'service', fixedUses: ['offer.code'] }, 'blocking'],
  'personal-fallback': [{ variableUses: [{ name: 'firstName', hasFallback: false }] }, 'blocking'],
  'alt-text': [{ images: [{ src: 'a.jpg', alt: null, linked: false }] }, 'blocking'],
  contrast: [
    {
      contrasts: [{ name: 'text', foreground: '#999999', background: '#ffffff', ratio: 2.85, large: false }],
    },
    'blocking',
  ],
  weight: [{ weightBytes: 103 * 1_024 }, 'blocking'],
  unsubscribe: [{ unsubscribe: { required: true, inBody: false } }, 'blocking'],
  sender: [{ sender: { name: '', address: 'nobody' } }, 'blocking'],
  links: [{ targets: ['http://example.test/automne'] }, 'blocking'],
  'subject-length': [{ variants: [{ ...variant, subject: 'x'.repeat(51) }] }, 'warning'],
  preheader: [{ variants: [{ ...variant, preheader: variant.subject }] }, 'warning'],
  'language-and-title': [{ lang: '' }, 'blocking'],
  'text-part': [{ variants: [{ ...variant, text: '' }] }, 'blocking'],
  'hero-fallback': [{ heroIsFallback: true }, 'warning'],
};

test.each([good, sms, push, inApp, letter])('a good message ($channel) has no finding', (seen) => {
  expect(runChecks(seen)).toEqual([]);
});

test('each channel is asked for what it has: an SMS has no picture, an e-mail no segment', () => {
  expect(CHECKS.filter((check) => looksAt(check, 'sms'))).toEqual([
    'missing-words',
    'unresolved-variables',
    'personal-fallback',
    'no-offer',
    'links',
    'sms-length',
    'sms-stop',
    'sms-link',
  ]);
  expect(runChecks({ ...sms, lang: '', title: '', images: [], heroIsFallback: true })).toEqual([]);
  expect(runChecks({ ...letter, unsubscribe: { required: true, inBody: false } })).toEqual([]);
});

test('an SMS nobody joins, a title no phone takes and a letter no machine folds are blocked', () => {
  const worst = [
    { ...sms, sms: { encoding: 'ucs2', segments: 11, odd: ['ê'], linkLength: 40 } },
    { ...push, variants: [{ ...variant, text: 'x'.repeat(281) }] },
    { ...letter, letter: { pages: 11, hasSenderAddress: true } },
    { ...push, variants: [{ ...variant, text: ' ' }] },
  ] as const;
  expect(worst.map((seen) => isRejected(runChecks(seen)))).toEqual([true, true, true, true]);
});

test.each(CHECKS)('%s finds what it is for, and nothing else does', (check) => {
  const [over, severity, base = good] = bad[check];
  const findings = runChecks({ ...base, ...over });
  expect(findings.length).toBeGreaterThan(0);
  expect(new Set(findings.map((f) => f.check))).toEqual(new Set([check]));
  expect(findings[0]?.severity).toBe(severity);
  expect(isRejected(findings)).toBe(severity === 'blocking');
});

test.each(['undefined', 'NaN', 'null', '[object Object]', '{% if %}'])(
  '%s never reaches a reader',
  (leftover) => {
    const findings = runChecks({ ...good, variants: [{ ...variant, subject: `Bonjour ${leftover}` }] });
    expect(findings.map((f) => f.check)).toContain('unresolved-variables');
  },
);

test('a word that only holds "null" is a word', () => {
  expect(runChecks({ ...good, variants: [{ ...variant, subject: 'Annulla, nullement' }] })).toEqual([]);
});

test('the edges of contrast and weight', () => {
  const at = (ratio: number, large: boolean) =>
    runChecks({
      ...good,
      contrasts: [{ name: 'x', foreground: '#000000', background: '#ffffff', ratio, large }],
    }).length;
  expect([at(4.5, false), at(4.49, false), at(3, true), at(2.99, true)]).toEqual([0, 1, 0, 1]);
  const weigh = (weightBytes: number) => runChecks({ ...good, weightBytes })[0]?.severity;
  expect([weigh(80 * 1_024), weigh(80 * 1_024 + 1), weigh(102 * 1_024 + 1)]).toEqual([
    undefined,
    'warning',
    'blocking',
  ]);
});

test('nobody has to be able to unsubscribe from an official notice', () => {
  expect(runChecks({ ...good, unsubscribe: { required: false, inBody: false } })).toEqual([]);
});

test.each([
  ['-20 % ce week-end', true],
  ['20 % de remise sur tout', true],
  ['Votre code promo : ÉTÉ', true],
  ['10% off everything', true],
  ['La TVA passe à 10 %, ou 5-10 % selon le produit', false],
  ['Votre code de confirmation', false],
])('an official message that says “%s” is blocked: %s', (text, blocked) => {
  const seen = { ...good, variants: [{ ...variant, text }] };
  expect(isRejected(runChecks({ ...seen, nature: 'official' }))).toBe(blocked);
  expect(isRejected(runChecks({ ...seen, nature: 'promotion' }))).toBe(false);
});
