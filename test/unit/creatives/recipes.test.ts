import { readdirSync, readFileSync } from 'node:fs';
import { load } from 'cheerio';
import { makeCreative, orderOf } from '../../../activities/creatives/make';
import { compileCreative } from '../../../adapters/renderer/personalise';
import { loadBrands } from '../../../config/brands';
import { fromRoot } from '../../../config/paths';
import { messageValueFaults } from '../../../domain/campaigns/message-values';
import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { kindFaults } from '../../../domain/campaigns/validate-kind';

const brands = loadBrands();
const deps = {
  blobs: { put: async () => '0'.repeat(64), get: async () => null },
  brandOf: (key: string) => {
    const brand = brands.get(key);
    if (brand === undefined) throw new Error(key);
    return brand;
  },
  publicUrl: 'https://crm.example.test',
  picturesDir: '/nowhere',
};
const ROW = {
  segmentId: 'adultes',
  keyMessage: 'La livraison est offerte.',
  visualGuideline: 'Salon',
  offerCode: 'AUTOMNE',
};
const names = readdirSync(fromRoot('examples', 'recipes'))
  .filter((name) => name !== 'segments.json')
  .map((name) => name.replace('.json', ''));
const read = (name: string) =>
  scenarioSchema.parse(JSON.parse(readFileSync(fromRoot('examples', 'recipes', `${name}.json`), 'utf8')));
const email = (name: string, change: object = {}) => {
  const scenario = scenarioSchema.parse({ ...read(name), ...change });
  const task = { step: 'first', channel: 'email', persona: 'adultes', arm: 'message' } as const;
  return makeCreative(deps, orderOf(scenario, [ROW], { channels: [], costs: [] }, task));
};

test.each(names)('%s passes QA, and has the persona’s offer only where it may sell', async (name) => {
  const { message, rejected, findings } = await email(name);
  expect([rejected, findings.filter((f) => f.severity === 'blocking')]).toEqual([false, []]);
  const sells = read(name).nature === 'newsletter';
  for (const part of [message.html, message.text]) {
    expect(part.includes('AUTOMNE')).toBe(sells);
    expect(part.replace(/\s+/g, ' ').includes('non cumulable avec d’autres promotions')).toBe(sells);
    expect(part.replace(/\s+/g, ' ').includes('société fictive')).toBe(true);
    expect(part.includes('La livraison est offerte.')).toBe(sells);
    expect(part.includes('parce que vous avez accepté')).toBe(sells);
    expect(part.includes('n’est pas une publicité')).toBe(!sells);
  }
});

test.each(names.filter((name) => read(name).nature !== 'newsletter'))(
  '%s is rejected with an offer written into it',
  async (name) => {
    const { content } = read(name);
    for (const body of ['Votre code : {{ offer.code }}', 'Et −20 % sur tout jusqu’à dimanche.'])
      expect((await email(name, { content: { ...content, body } })).rejected).toBe(true);
  },
);

test('a double opt-in carries its link, once to press in HTML and once to read as text', async () => {
  const { message } = await email('double-opt-in');
  const urls = { links: ['https://crm.example.test/t/c/x'], unsubscribeUrl: 'https://crm.example.test/u/x' };
  const confirmUrl = 'https://crm.example.test/c/abc?a=1&b=2';
  const filled = compileCreative(message)({}, { ...urls, pixelUrl: null }, { confirmUrl });
  const link = load(filled.html)(`a[href="${confirmUrl}"]`);
  // The picture and the button; neither is followed.
  expect([link.length, link.last().text().trim(), message.links]).toEqual([2, 'Lire et confirmer', []]);
  expect(filled.text.split(confirmUrl)).toHaveLength(2);
});

test('values: what is missing, empty or turns the text round is told apart', () => {
  const { variables } = read('order-confirmation');
  const told = (values: Record<string, string>) =>
    messageValueFaults(variables, values).map((f) => `${f.path} ${f.message}`);
  expect(told({})).toEqual(['/values/orderNumber is required']);
  expect(told({ orderNumber: ' ' })).toEqual(['/values/orderNumber is empty, and is required']);
  expect(told({ orderNumber: 'A\u202e1' })).toEqual([
    '/values/orderNumber holds a control character, such as one that turns the direction of the text',
  ]);
  expect(told({ orderNumber: 'رقم\u200f 12\nA' })).toEqual([]);
});

test('a value that is to be a link is an address of the web', () => {
  const { variables } = read('double-opt-in');
  for (const confirmUrl of [
    'javascript:alert(1)',
    'crm.example.test/c/a',
    'https://a b',
    'https://x"onload="y',
  ])
    expect(messageValueFaults(variables, { confirmUrl })).toEqual([
      { path: '/values/confirmUrl', message: 'is not an http or https address' },
    ]);
  expect(messageValueFaults(variables, { confirmUrl: 'http://127.0.0.1:8080/c/abc?a=1' })).toEqual([]);
});

test('a button that leads to a value needs that value declared, and e-mail alone', () => {
  const json = JSON.parse(readFileSync(fromRoot('examples', 'recipes', 'double-opt-in.json'), 'utf8'));
  const pathsOf = (change: object) =>
    kindFaults(scenarioSchema.parse({ ...json, ...change })).map(({ path }) => path);
  expect(pathsOf({})).toEqual([]);
  expect(pathsOf({ channels: ['email', 'sms'] })).toEqual(['/content/ctaUrl']);
  expect(pathsOf({ channels: undefined })).toEqual(['/content/ctaUrl']);
  expect(pathsOf({ variables: [] })).toEqual(['/content/ctaUrl']);
  const withUrl = (ctaUrl: string) =>
    scenarioSchema.safeParse({ ...json, content: { ...json.content, ctaUrl } }).success;
  expect(['ftp://x.example', '{{ message.code }}', 'x {{ message.aUrl }}', ''].some(withUrl)).toBe(false);
});
