import { load } from 'cheerio';
import fc from 'fast-check';
import sharp from 'sharp';
import { observe } from '../../../activities/creatives/observe';
import { compileMessage } from '../../../adapters/renderer/compile-message';
import { compileCreative } from '../../../adapters/renderer/personalise';
import { renderHero, renderLogo } from '../../../adapters/renderer/pictures';
import { previewCard } from '../../../adapters/renderer/preview-card';
import { loadBrands } from '../../../config/brands';
import type { EffectiveContent } from '../../../domain/creatives/effective-content';
import { isRejected, runChecks } from '../../../domain/creatives/qa';

const brands = loadBrands();
const brand = brands.get('maison-lumen');
if (brand === undefined) throw new Error('the demo brand is gone');

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
const urls = { links: ['https://example.test/t/c/abc'], unsubscribeUrl: 'https://example.test/u/abc', pixelUrl: null };
const make = (over: Partial<EffectiveContent> = {}) =>
  compileMessage({
    content: { ...content, ...over },
    brand,
    locale: 'fr',
    logoUrl: 'https://example.test/logo.png',
    heroUrl: 'https://example.test/hero.jpg',
    unsubscribe: true,
  });
const judge = async (over: Partial<EffectiveContent> = {}) => {
  const effective = { ...content, ...over };
  const message = await make(over);
  return runChecks(observe({ message, content: effective, brand, unsubscribeRequired: true, heroIsFallback: false }));
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
  expect((await judge({ subject: '{{ person.firstName }}' })).map((f) => f.check)).toContain('personal-fallback');
});

test('whatever an editor or a person is called, markup stays words', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1, maxLength: 40 }), fc.string({ maxLength: 30 }), async (words, firstName) => {
      const hostile = `<script>alert(1)</script>${words}`;
      const fill = compileCreative(await make({ body: hostile, headline: hostile, keyMessage: hostile }));
      const { html, subject } = fill({ firstName }, urls);
      const $ = load(html);
      expect($('script').length).toBe(0);
      expect($('h1').text()).toContain('<script>alert(1)</script>');
      expect(subject).not.toMatch(/[\r\n]/);
    }),
    { numRuns: 25 },
  );
});

test('the hero is a 1200 × 600 JPEG, the same for the same words, and a plain one where a file is missing', async () => {
  const hero = await renderHero(content, brand, '/nowhere');
  expect(await sharp(hero.bytes).metadata()).toMatchObject({ width: 1200, height: 600, format: 'jpeg' });
  expect(hero.bytes.length).toBeLessThan(200_000);
  expect(hero.isFallback).toBe(false);
  expect(Buffer.compare(hero.bytes, (await renderHero(content, brand, '/nowhere')).bytes)).toBe(0);
  for (const heroAsset of ['missing.jpg', '../../etc/passwd', 'a/b.png']) {
    expect((await renderHero({ ...content, heroAsset }, brand, '/nowhere')).isFallback).toBe(true);
  }
});

test.each([...brands.keys()])('the approval card of %s is a picture with its words drawn', async (key) => {
  const own = brands.get(key);
  if (own === undefined) throw new Error('no brand');
  const [hero, logo] = [await renderHero(content, own, '/nowhere'), await renderLogo(own)];
  const card = async (headline: string) =>
    previewCard({ brand: own, subject: 'Sujet & <plus>', preheader: 'Avant', headline, ctaLabel: 'Voir', hero: hero.bytes, logo });
  const png = await card('La lumière');
  expect((await sharp(png).metadata()).width).toBe(600);
  expect(Buffer.compare(png, await card('Autre chose'))).not.toBe(0);
});

test('every brand reads well: declared colours pass the contrast check', async () => {
  for (const own of brands.values()) {
    const message = await make();
    const findings = runChecks(observe({ message, content, brand: own, unsubscribeRequired: true, heroIsFallback: false }));
    expect(findings.filter((f) => f.check === 'contrast')).toEqual([]);
  }
});
