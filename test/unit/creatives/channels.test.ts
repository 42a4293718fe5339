import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { makeCreative, orderOf } from '../../../activities/creatives/make';
import type { CreativePolicies } from '../../../activities/creatives/creative-policies';
import { previewWords } from '../../../adapters/renderer/preview-words';
import { compileCreative } from '../../../adapters/renderer/personalise';
import { loadBrands } from '../../../config/brands';
import { defaultPolicies } from '../../../config/policies/delivery';
import { scenarioSchema, type ScenarioInput } from '../../../domain/campaigns/scenario';
import { creativeTasks } from '../../../domain/creatives/creative-tasks';
import { gsmSpelling } from '../../../domain/creatives/gsm-spelling';
import type { Brand } from '../../../domain/creatives/ports';
import { worstCostMicros } from '../../../domain/creatives/worst-cost';
import { letterGrams, letterPages } from '../../../domain/delivery/letter-size';
import { postalLines, seedAddress } from '../../../domain/delivery/seed-address';
import { unitCostSchema } from '../../../domain/delivery/unit-cost';
import { smsSegments } from '../../../domain/delivery/sms-segments';
import type { Channel } from '../../../domain/shared/words';
import { plainScenario } from '../../support/scenario';

const SHOTS = process.env['BOUCLE_SCREENSHOTS'];
const found = loadBrands().get('maison-lumen');
if (found === undefined) throw new Error('the demo brand is gone');
const brand: Brand = found;
const policies: CreativePolicies = {
  channels: Object.values(defaultPolicies().channel),
  costs: Object.values(defaultPolicies()['unit-cost']),
};
const ROW = {
  segmentId: 'adultes',
  keyMessage: 'La livraison est offerte.',
  visualGuideline: 'Salon',
  offerCode: 'AUTOMNE',
};
const base = plainScenario().content;
const URLS = { links: ['https://crm.example.test/t/c/abc'], unsubscribeUrl: '', pixelUrl: null };
const inApp = {
  title: '{{ person.firstName | default: "Bonjour" }}, vos lampes',
  body: 'La sélection d’automne est là.',
  transparent: { title: 'Nos lampes', body: 'La sélection d’automne est là.' },
};

async function made(
  channel: Channel,
  change: Partial<ScenarioInput> = {},
  own: Brand = brand,
  costs = policies.costs,
) {
  const scenario = scenarioSchema.parse(plainScenario({ letter: { kind: 'registered' }, ...change }));
  const deps = {
    blobs: { put: async () => '0'.repeat(64), get: async () => null },
    brandOf: () => own,
    publicUrl: 'https://crm.example.test',
    picturesDir: '/nowhere',
  };
  const [first] = scenario.arms;
  const task = { step: 'first', channel, persona: 'adultes', arm: first?.key ?? '' };
  return makeCreative(deps, orderOf(scenario, [ROW], { ...policies, costs }, task));
}
const blocking = async (...order: Parameters<typeof made>) =>
  (await made(...order)).findings.filter((f) => f.severity === 'blocking').map((f) => f.check);

test('an SMS without words of its own is the headline, the tracked link and how to refuse', async () => {
  const { message, rejected } = await made('sms');
  const { text, html, subject } = compileCreative(message)({}, URLS);
  expect(text).toBe('La lumière qui fait du bien https://crm.example.test/t/c/abc\nSTOP au 36180');
  expect([html, subject, rejected]).toEqual(['', '', false]);
  expect(message.links).toEqual([{ index: 0, url: base.ctaUrl, label: base.ctaLabel }]);
});

test('its own words are as they are written, in the alphabet phones have, the link where it is put', async () => {
  const sms = {
    text: "« L’été » de {{ person.firstName | default: 'l’équipe “CRM”' }} : {{ link }} – code {{ offer.code }}…",
  };
  const { message, findings, unitMicros } = await made('sms', { content: { ...base, sms } });
  const text = compileCreative(message)({}, URLS).text;
  expect(text).toBe(
    `"L'été" de l'équipe 'CRM' : https://crm.example.test/t/c/abc - code AUTOMNE...\nSTOP au 36180`,
  );
  expect(smsSegments(text).encoding).toBe('gsm7');
  expect(compileCreative(message)({ firstName: 'Zoé' }, URLS).text).toContain('de Zoé :');
  expect(findings.filter((f) => f.severity === 'blocking')).toEqual([]);
  expect(unitMicros).toBeGreaterThanOrEqual(2 * 45_000);
});

test('a service that may not be refused needs no STOP; one that may is blocked without it', async () => {
  const { smsStop, ...without } = brand;
  expect(smsStop).toBe('STOP au 36180');
  expect(await blocking('sms', {}, without)).toEqual(['sms-stop']);
  const official = await made('sms', { nature: 'official' });
  expect(official.message.text).not.toContain('STOP');
  expect(official.rejected).toBe(false);
});

test('a push is a title and the first paragraph; long ones are told', async () => {
  const body = `${'Les soirées rallongent. '.repeat(8)}\n\nUn second paragraphe.`;
  const { message, findings } = await made('push', { content: { ...base, body } });
  expect([message.subject, message.text]).toEqual([
    base.headline,
    'Les soirées rallongent. '.repeat(8).trim(),
  ]);
  expect(findings.map((f) => [f.check, f.severity])).toEqual([['push-length', 'warning']]);
});

test('an in-app message has its own words and neutral ones, or is blocked', async () => {
  const { message, rejected } = await made('in-app', { content: { ...base, inApp } });
  expect(message.transparent).toEqual(inApp.transparent);
  expect(compileCreative(message)({ firstName: 'Zoé' }, URLS).subject).toBe('Zoé, vos lampes');
  expect(rejected).toBe(false);
  expect(await blocking('in-app')).toEqual(['missing-words']);
  const personal = { ...inApp, transparent: { ...inApp.transparent, body: 'Pour {{ person.city }}' } };
  expect(await blocking('in-app', { content: { ...base, inApp: personal } })).toContain('transparent-words');
});

test('a letter has paragraphs and nothing tracked; it costs by its weight', async () => {
  const { message, unitMicros, rejected } = await made('letter');
  expect(message.text).toBe('Les soirées rallongent.\n\nLa livraison est offerte.\n\nVotre code : AUTOMNE');
  expect([message.links, rejected, unitMicros]).toEqual([[], false, 5_740_000]);
  const own = { letter: { body: 'Madame, Monsieur,\n\nVoyez {{ link }}.' } };
  const written = await made('letter', { content: { ...base, ...own } });
  expect(written.message.text).toBe(`Madame, Monsieur,\n\nVoyez ${base.ctaUrl}.`);
  const { postal, ...nowhere } = brand;
  expect(postal?.city).toBe('Lyon');
  expect(await blocking('letter', {}, nowhere)).toEqual(['letter-sender']);
  expect((await made('e-letter')).unitMicros).toBe(3_490_000);
});

test('what a triggered message is asked with is filled in, and stands in its fallback without', async () => {
  const triggered: Partial<ScenarioInput> = {
    kind: 'triggered',
    triggered: { periodSeconds: 86_400 },
    nature: 'service',
    variables: [{ name: 'orderNumber', fallback: "l'article" }],
    content: { ...base, sms: { text: 'Votre commande {{ message.orderNumber }} est prête.' } },
  };
  const { message, rejected } = await made('sms', triggered);
  const fill = compileCreative(message);
  expect(fill({}, URLS, { orderNumber: 'A-17' }).text).toContain('commande A-17 est');
  expect(fill({}, URLS).text).toContain("commande l'article est");
  expect(rejected).toBe(false);
  const undeclared = await blocking('sms', { content: { ...base, sms: { text: 'n° {{ message.total }}' } } });
  expect(undeclared).toEqual(['unresolved-variables']);
});

test('what another channel says is no new version of this one', async () => {
  const hashes = async (content: Partial<ScenarioInput['content']>) =>
    Promise.all(
      (['email', 'sms', 'push'] as const).map(
        async (channel) => (await made(channel, { content: { ...base, ...content } })).hash,
      ),
    );
  const [before, after] = [await hashes({}), await hashes({ sms: { text: 'Autre {{ link }}' } })];
  expect(before.map((hash, i) => hash === after[i])).toEqual([true, false, true]);
  const stop = await made('sms', {}, { ...brand, smsStop: 'STOP au 36111' });
  expect(stop.hash).not.toBe(before[1]);
});

test('every step by every channel it may take, first choice or fallback', () => {
  const scenario = scenarioSchema.parse(
    plainScenario({
      channels: ['push', 'email'],
      steps: [
        { key: 'relance', when: 'not-clicked', afterSeconds: 60, channels: ['sms'] },
        {
          key: 'avis',
          after: 'relance',
          when: 'failed',
          afterSeconds: 60,
          nature: 'official',
          urgency: 'dunning',
        },
      ],
    }),
  );
  expect(
    creativeTasks(scenario, policies.channels, ['adultes']).map(({ step, channel }) => `${step} ${channel}`),
  ).toEqual(['first push', 'first email', 'relance sms', 'avis e-letter', 'avis letter']);
});

test('the worst cost is that of the longest text, in its own alphabet', () => {
  const texts = ['a'.repeat(160), 'a'.repeat(161), 'ê'.repeat(71)];
  const cost = (some: string[]) => worstCostMicros('sms', some, 'plain', policies.costs);
  expect([cost(texts.slice(0, 1)), cost(texts.slice(0, 2)), cost(texts)]).toEqual([45_000, 90_000, 90_000]);
  expect(cost(['ê'.repeat(135)])).toBe(135_000);
  expect(worstCostMicros('email', texts, 'plain', policies.costs)).toBe(400);
});

test('a letter heavier than its dearest step has no price, and is not approved', async () => {
  const costs = policies.costs.filter(({ upToGrams }) => upToGrams === undefined || upToGrams <= 20);
  expect(worstCostMicros('letter', ['mot\n\n'.repeat(90)], 'plain', costs)).toBeNull();
  expect(worstCostMicros('letter', ['mot'], 'plain', costs)).toBe(1_390_000);
  const content = { ...base, letter: { body: 'mot\n\n'.repeat(90) } };
  const plain = { letter: { kind: 'plain' }, content } as const;
  expect(await blocking('letter', plain, brand, costs)).toEqual(['letter-price']);
  expect(await blocking('letter', plain)).toEqual([]);
});

test('only paper is priced by weight, and only kinds that go by a channel', () => {
  const price = (change: object) => unitCostSchema.safeParse({ microsPerUnit: 1, ...change }).success;
  expect(price({ channel: 'letter', letterKind: 'plain', upToGrams: 250 })).toBe(true);
  expect(price({ channel: 'e-letter', letterKind: 'lre' })).toBe(true);
  expect(price({ channel: 'e-letter', letterKind: 'lre', upToGrams: 20 })).toBe(false);
  expect(price({ channel: 'sms', upToGrams: 20 })).toBe(false);
  expect(price({ channel: 'letter', letterKind: 'lre' })).toBe(false);
  expect(price({ channel: 'email', letterKind: 'plain' })).toBe(false);
});

test('pages and grams of a letter', () => {
  expect([letterPages(['x']), letterPages(Array(15).fill('x')), letterPages(Array(16).fill('x'))]).toEqual([
    1, 1, 2,
  ]);
  expect([letterGrams(1), letterGrams(3)]).toEqual([10, 20]);
});

test('typographic signs take their GSM spelling, letters keep theirs', () => {
  expect(gsmSpelling('« L’été »\u00a0: “oui” – non…')).toBe('"L\'été" : "oui" - non...');
  expect(smsSegments(gsmSpelling('« L’été »\u00a0: “oui” – non…')).encoding).toBe('gsm7');
  expect(gsmSpelling('être ça cœur')).toBe('être ça cœur');
});

test.each([
  ['letter', 'Léa Roux\n 18 rue X \n\n69000 Lyon\nFR', 'Léa Roux\n18 rue X\n69000 Lyon\nFR'],
  [
    'letter',
    'Ann Doe\n1 High St\nFlat 2\nSW1A 1AA London\nGB',
    'Ann Doe\n1 High St\nFlat 2\nSW1A 1AA London\nGB',
  ],
  ['in-app', '42', '42'],
  ['sms', '06 12 34 56 78', '+33612345678'],
] as const)('%s: %j is an address', (channel, given, address) => {
  expect(seedAddress(channel, given)).toEqual({ address });
});

test.each([
  ['letter', 'Léa Roux\n69000 Lyon\nFR'],
  ['letter', 'Léa Roux\n18 rue X\n69000 Lyon\nFrance'],
  ['in-app', 'alice'],
  ['push', 'x y'],
  ['email', 'alice@'],
] as const)('%s: %j is none', (channel, given) => {
  expect(seedAddress(channel, given)).toHaveProperty('fault');
  if (channel === 'letter') expect(postalLines(given)).toBeNull();
});

test.each(['sms', 'push', 'in-app', 'letter'] as const)(
  'approvers see a picture of the %s, its words drawn',
  async (channel) => {
    const { message } = await made(channel, { content: { ...base, inApp } });
    const filled = compileCreative(message)({}, URLS);
    const draw = (text: string) =>
      previewWords({
        brand,
        channel,
        subject: filled.subject,
        text,
        ctaLabel: base.ctaLabel,
        transparent: message.transparent ?? null,
      });
    const png = await draw(filled.text);
    if (SHOTS) {
      mkdirSync(SHOTS, { recursive: true });
      writeFileSync(join(SHOTS, `preview-${channel}.png`), png);
    }
    expect(await sharp(png).metadata()).toMatchObject({ width: 600, format: 'png' });
    expect(Buffer.compare(png, await draw('Tout autre chose'))).not.toBe(0);
  },
);
