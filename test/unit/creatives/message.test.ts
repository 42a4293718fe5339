import { load } from 'cheerio';
import fc from 'fast-check';
import sharp from 'sharp';
import { contrastsOf } from '../../../activities/creatives/contrasts';
import { observe } from '../../../activities/creatives/observe';
import { compileMessage } from '../../../adapters/renderer/compile-message';
import { heroScene } from '../../../adapters/renderer/hero-scene';
import { compileCreative } from '../../../adapters/renderer/personalise';
import { renderHero, renderLogo } from '../../../adapters/renderer/pictures';
import { previewCard } from '../../../adapters/renderer/preview-card';
import { loadBrands } from '../../../config/brands';
import type { EffectiveContent } from '../../../domain/creatives/effective-content';
import type { Brand } from '../../../domain/creatives/ports';
import { isRejected, runChecks } from '../../../domain/creatives/qa';

const brands = loadBrands();
const brand = brands.get('maison-lumen');
if (brand === undefined) throw new Error('the demo brand is gone');
const demoBrand: Brand = brand;

const content: EffectiveContent = {
  subject: '{{ person.firstName | default: "Pour vous" }}, nos lampes',
  preheader: 'Des lampes choisies pour les soirs qui rallongent.',
  headline: 'La lumière qui fait du bien',
  body: 'Bonjour{% if person.firstName %} {{ person.firstName }}{% endif %}, les soirées rallongent.',
  ctaLabel: 'Voir la sélection',
  ctaUrl: 'https://example.test/automne?a=1&b=2',
  heroAlt: 'Un salon le soir',
  heroPalette: 'warm',
  keyMessage: 'La livraison est offerte.',
  visualGuideline: 'Salon vivant',
  offerCode: 'AUTOMNE',
};
const urls = {
  links: ['https://example.test/t/c/abc'],
  unsubscribeUrl: 'https://example.test/u/abc',
  pixelUrl: null,
};
const PICTURES = {
  logoUrl: 'https://example.test/logo.png',
  logoWidthPx: 180,
  heroUrl: 'https://example.test/hero.jpg',
};
const order = (over: Partial<EffectiveContent> = {}, own: Brand = demoBrand, unsubscribe = true) => ({
  content: { ...content, ...over },
  brand: own,
  locale: 'fr',
  nature: 'promotion' as const,
  unsubscribe,
  variables: new Map<string, string>(),
});
const seenAs = {
  channel: 'email',
  publicUrl: 'https://example.test',
  nature: 'promotion',
  variables: new Set<string>(),
  letterKind: 'plain',
  costs: [],
} as const;
const make = (over: Partial<EffectiveContent> = {}, own: Brand = demoBrand) =>
  compileMessage('email', order(over, own), PICTURES);
const judge = async (over: Partial<EffectiveContent> = {}) => {
  const effective = { ...content, ...over };
  const message = await make(over);
  return runChecks(
    observe({
      ...seenAs,
      message,
      content: effective,
      brand: demoBrand,
      unsubscribeRequired: true,
      heroIsFallback: false,
    }),
  );
};

test('a message is whole: words, link, unsubscribe, language, and passes QA', async () => {
  const fill = compileCreative(await make());
  const { subject, html, text } = fill({ firstName: 'CAMILLE' }, urls);
  expect(subject).toBe('Camille, nos lampes');
  const $ = load(html);
  expect($('html').attr('lang')).toBe('fr');
  expect($('h1').text()).toBe('La lumière qui fait du bien');
  expect($(`a[href="${urls.links[0]}"]`).length).toBe(2);
  expect($(`a[href="${urls.unsubscribeUrl}"]`).text()).toBe('Se désinscrire');
  expect(html).not.toContain('fonts.googleapis');
  expect(text).toContain('Bonjour Camille, les soirées');
  expect(text).toContain(urls.unsubscribeUrl);
  expect(isRejected(await judge())).toBe(false);
});

test('doubt about a name takes the fallback', async () => {
  const fill = compileCreative(await make());
  for (const firstName of [null, '', 'test', 'xxx', '<b>x</b>', 'Zoé 🌿', 'client']) {
    expect(fill({ firstName }, urls).subject).toBe('Pour vous, nos lampes');
  }
});

test('the pixel is there for those who agreed, and for nobody else', async () => {
  const fill = compileCreative(await make());
  const pixelUrl = 'https://example.test/t/o/abc';
  expect(fill({}, { ...urls, pixelUrl }).html).toContain(`src="${pixelUrl}"`);
  expect(fill({}, urls).html).not.toContain('/t/o/');
});

test('a brace that means nothing is blocked, not swallowed and not a crash', async () => {
  const findings = await judge({ body: 'Bonjour {{ prenom }}, {% for %}' });
  expect(findings.filter((f) => f.check === 'unresolved-variables').length).toBeGreaterThan(0);
  expect((await judge({ subject: '{{ person.firstName }}' })).map((f) => f.check)).toContain(
    'personal-fallback',
  );
});

const HOSTILE = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        ...[
          '{',
          '{{',
          '}}',
          '{%',
          '%}',
          '{{ person.firstName }}',
          '{{ person.email | raw }}',
          '{% include "x" %}',
          '{% raw %}',
        ],
        ...[
          '{% if person.firstName %}',
          '{% endif %}',
          "{{ person.firstName | default: '<i>' }}",
          '"',
          "'",
          '<',
          '>',
          '&amp;',
          '-->',
        ],
        ...[
          '</title>',
          '</td>',
          '<mj-raw>',
          '\ue0000\ue001',
          '\ue002body\ue003',
          '**',
          '\n\n',
          '\r\n',
          'é\u00a0!',
          '$&',
          '$1',
        ],
      ),
      { minLength: 1, maxLength: 8 },
    )
    .map((bits) => bits.join('')),
);

test('whatever an editor writes or a person is called: words stay words, in every field', async () => {
  const plain = load(compileCreative(await make())({ firstName: 'Zoé' }, urls).html);
  const shape = (html: ReturnType<typeof load>): string[] =>
    html('*')
      .not('p, br, strong')
      .toArray()
      .map((element) => html(element).prop('tagName') ?? '');
  await fc.assert(
    fc.asyncProperty(HOSTILE, fc.string({ maxLength: 30 }), async (words, firstName) => {
      const hostile = `<script>alert(1)</script>${words}`;
      const everywhere = {
        subject: hostile,
        preheader: hostile,
        headline: hostile,
        body: hostile,
        ctaLabel: hostile,
        heroAlt: hostile,
      };
      const message = await make({ ...everywhere, keyMessage: hostile, offerCode: hostile });
      // A variable without fallback is nobody's crash either: it reads as nothing.
      const { html, subject, text } = compileCreative(message)({ firstName }, urls);
      const $ = load(html);
      expect(shape($)).toEqual(shape(plain));
      expect($('h1').text()).toContain('<script>alert(1)</script>');
      expect($('td.hero img').attr('alt')).toContain('<script>alert(1)</script>');
      expect(subject).not.toMatch(/[\r\n]/);
      expect(`${html}${text}`).not.toMatch(/[\ue000-\ue003]/);
      expect($(`a[href="${urls.unsubscribeUrl}"]`).length).toBe(1);
    }),
    { numRuns: 60 },
  );
});

test.each([
  ['heroAlt', '{{ person.email }}'],
  ['ctaLabel', '{% include "secrets" %}'],
  ['offerCode', '{{ offer }}'],
  ['headline', '{% if person.firstName %}jamais fermé'],
])('%s: %s is blocked by QA and is no crash', async (field, words) => {
  const findings = await judge({ [field]: words });
  expect(findings.filter((f) => f.severity === 'blocking').map((f) => f.check)).toContain(
    'unresolved-variables',
  );
});

test('a body has paragraphs, breaks and strong words; a fallback keeps its typography in both parts', async () => {
  const fill = compileCreative(
    await make({
      body: 'Un\n\nDeux\ntrois **quatre**, {{ person.city | default: "l’été & l’hiver" }}\u00a0!',
    }),
  );
  const { html, text } = fill({}, urls);
  const $ = load(html);
  expect($('td.words p').length).toBe(2);
  expect($('td.words strong').text()).toBe('quatre');
  expect($('td.words p').last().text()).toContain('l’été & l’hiver\u00a0!');
  expect(text).toContain('l’été & l’hiver\u00a0!');
  expect(text.startsWith(content.headline)).toBe(true);
});

test('a brace too many stands beside what it was typed at', async () => {
  const message = await make({ subject: '{{{ person.firstName | default: "Pour vous" }} {' });
  expect(compileCreative(message)({}, urls).subject).toBe('{Pour vous {');
});

test('an offer is shown where there is one, and an official notice has no unsubscribe link', async () => {
  const shown = load(compileCreative(await make())({}, urls).html);
  expect(shown('td.code').text().trim()).toBe('AUTOMNE');
  const none = load(compileCreative(await make({ offerCode: null }))({}, urls).html);
  expect(none('td.code').length).toBe(0);
  const official = await compileMessage('email', order({}, demoBrand, false), PICTURES);
  expect(official.html).not.toContain('unsubscribeUrl');
});

test('the hero is a 1200 × 600 JPEG, the same for the same words, and a plain one where a file is missing', async () => {
  const hero = await renderHero(content, demoBrand, '/nowhere');
  expect(await sharp(hero.bytes).metadata()).toMatchObject({ width: 1200, height: 600, format: 'jpeg' });
  expect(hero.bytes.length).toBeLessThan(200_000);
  expect(hero.isFallback).toBe(false);
  expect(Buffer.compare(hero.bytes, (await renderHero(content, demoBrand, '/nowhere')).bytes)).toBe(0);
  for (const heroAsset of ['missing.jpg', '../../etc/passwd', 'a/b.png']) {
    expect((await renderHero({ ...content, heroAsset }, demoBrand, '/nowhere')).isFallback).toBe(true);
  }
});

test.each([...brands.keys()])('the approval card of %s is a picture with its words drawn', async (key) => {
  const own = brands.get(key);
  if (own === undefined) throw new Error('no brand');
  const [hero, logo] = [await renderHero(content, own, '/nowhere'), await renderLogo(own)];
  const card = async (headline: string) =>
    previewCard({
      brand: own,
      subject: 'Sujet & <plus>',
      preheader: 'Avant',
      headline,
      ctaLabel: 'Voir',
      hero: hero.bytes,
      logo: logo.bytes,
    });
  const png = await card('La lumière');
  expect((await sharp(png).metadata()).width).toBe(600);
  expect(Buffer.compare(png, await card('Autre chose'))).not.toBe(0);
});

test('every brand reads well, in light and in dark', async () => {
  for (const own of brands.values()) {
    const pairs = contrastsOf(compileCreative(await make({}, own))({}, urls).html);
    expect(pairs.filter((pair) => pair.name.endsWith('in dark')).length).toBeGreaterThan(4);
    expect(pairs.filter((pair) => pair.ratio < 4.5)).toEqual([]);
  }
});

test('colours that cannot be told apart are found where they are, also when only dark is wrong', async () => {
  const pale: Brand = { ...demoBrand, colours: { ...demoBrand.colours, muted: '#c9c4b8' } };
  const message = await make({}, pale);
  const findings = runChecks(
    observe({ ...seenAs, message, content, brand: pale, unsubscribeRequired: true, heroIsFallback: false }),
  );
  expect(findings.filter((f) => f.check === 'contrast' && f.severity === 'blocking').length).toBeGreaterThan(
    0,
  );

  const light = '<p style="color:#222222">Bonjour</p>';
  const dark = `<style>@media (prefers-color-scheme: dark) { body { background-color: #111111 !important; } }</style>${light}`;
  expect(contrastsOf(light).every((pair) => pair.ratio > 4.5)).toBe(true);
  expect(contrastsOf(dark).find((pair) => pair.name === '"Bonjour" in dark')?.ratio).toBeLessThan(2);
});

test('the words of the alternative text pick the picture', () => {
  const scene = (alt: string): string => heroScene('warm', alt, 'Salon vivant');
  expect(
    new Set(['Trois lampes', 'Un fauteuil', 'Une veste', 'Une robe', 'Un vase', 'Une boutique'].map(scene))
      .size,
  ).toBe(6);
  expect(scene('Trois lampes')).toBe(scene('Trois lampes'));
  expect(scene('Trois lampes')).not.toMatch(/<text|<image|href/);
});
