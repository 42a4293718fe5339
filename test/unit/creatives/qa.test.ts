import { CHECKS, isRejected, runChecks, type CheckId } from '../../../domain/creatives/qa';
import type { Observations, Variant } from '../../../domain/creatives/observations';

const variant: Variant = {
  person: 'somebody',
  subject: 'Notre sélection d’automne',
  preheader: 'Des lampes choisies pour les soirs qui rallongent, livrées chez vous.',
  visibleText: 'Bonjour, les soirées rallongent.',
  text: 'Bonjour, les soirées rallongent.',
};

const good: Observations = {
  variants: [variant],
  variableUses: [{ name: 'firstName', hasFallback: true }],
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
};

/** For each check, what must trip it and how severely. */
const bad: Record<CheckId, [Partial<Observations>, 'blocking' | 'warning']> = {
  'unresolved-variables': [{ variants: [{ ...variant, visibleText: 'Bonjour {{ prenom }}' }] }, 'blocking'],
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

test('a good creative has no finding', () => {
  expect(runChecks(good)).toEqual([]);
});

test.each(CHECKS)('%s finds what it is for, and nothing else does', (check) => {
  const [over, severity] = bad[check];
  const findings = runChecks({ ...good, ...over });
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
