import { createComposers } from '../../../activities/delivery/compose';
import type { SendingCreative } from '../../../activities/delivery/deps';
import { natureRule } from '../../../domain/delivery/nature-rules';
import { CHANNELS, type Channel } from '../../../domain/shared/words';
import type { MessageTerms } from '../../../store/delivery/message-terms';
import type { ClaimedDelivery } from '../../../store/delivery/claim';
import type { Recipient } from '../../../store/delivery-store';
import { compileCreative } from '../../../adapters/renderer/personalise';
import { SEED_BRAND } from '../../support/delivery-bench';

const POSTAL = {
  name: 'Maison Lumen',
  line1: '1 rue de la Paix',
  line2: null,
  postcode: '75002',
  city: 'Paris',
  country: 'FR',
};
const BRAND = { ...SEED_BRAND, postal: POSTAL };
const TERMS = {
  campaignId: 'c1',
  department: 'crm',
  nature: 'promotion',
  rule: natureRule('promotion'),
  letterKind: 'registered',
} as const;
const MESSAGES: MessageTerms = {
  campaignId: 'c1',
  locale: 'fr',
  inApp: { placement: 'basket', contexts: ['shop'], expiresSeconds: 3_600 },
  unitCosts: [],
  rates: [],
};
const creative = (channel: Channel): SendingCreative => ({
  creativeId: 7,
  persona: 'p',
  arm: 'a',
  channel,
  subject: 'Bonjour {{ person.firstName | default: "vous" }}',
  html: '<p>{{ person.firstName | default: "vous" }}</p>',
  text: 'Bonjour {{ person.firstName | default: "vous" }}.\n\nVotre visite : {{ links[0] }}\n',
  links: [{ index: 0, url: 'https://example.test/voir', label: 'Voir' }],
});
const delivery = (channel: Channel, over: Partial<ClaimedDelivery> = {}): ClaimedDelivery => ({
  id: 42,
  profileId: 9,
  persona: 'p',
  arm: 'a',
  creativeId: 7,
  step: 'first',
  channel,
  openPixel: false,
  closesAt: null,
  ...over,
});
const person: Recipient = {
  profileId: 9,
  email: 'camille@example.test',
  phone: '+33612345678',
  firstName: 'Camille',
  lastName: 'Martin',
  city: 'Lyon',
  postal: { line1: '18 rue des Ateliers', line2: null, postcode: '69000', country: 'FR' },
  tokens: ['t1', 't2'],
  profiling: true,
  values: null,
};
const composers = (brand = BRAND, messages = MESSAGES) =>
  createComposers(
    {
      compile: compileCreative,
      urls: {
        click: (id, index) => `https://b.test/t/c/${id}.${index}`,
        open: (id) => `https://b.test/t/o/${id}`,
        unsubscribe: (id) => `https://b.test/u/${id}`,
        returnPath: (id) => `bounces+${id}@b.test`,
      },
    },
    TERMS as never,
    messages,
    brand,
    CHANNELS.map((channel, n) => ({ ...creative(channel), creativeId: channel === 'email' ? 7 : 100 + n })),
  );
const of = <C extends Channel>(channel: C, recipient: Recipient | undefined, brand = BRAND) =>
  composers(brand)[channel](delivery(channel, { creativeId: 100 + CHANNELS.indexOf(channel) }), recipient);

it('an SMS has the number, a sender of letters and digits, and the tracked link', () => {
  expect(of('sms', person)).toEqual({
    message: {
      deliveryId: 42,
      to: '+33612345678',
      from: 'Maison Lume',
      text: 'Bonjour Camille.\n\nVotre visite : https://b.test/t/c/42.0',
    },
  });
});

it('a push goes to every device', () => {
  expect(of('push', person)).toMatchObject({
    message: { tokens: ['t1', 't2'], title: 'Bonjour Camille', url: 'https://b.test/t/c/42.0' },
  });
});

it('in the application, who has not agreed to being profiled reads nothing of theirs', () => {
  expect(of('in-app', person)).toMatchObject({
    message: {
      title: 'Bonjour Camille',
      placement: 'basket',
      contexts: ['shop'],
      ctaLabel: 'Voir',
      ctaUrl: 'https://b.test/t/c/42.0',
      transparent: false,
    },
  });
  expect(of('in-app', { ...person, profiling: false })).toMatchObject({
    message: { title: 'Bonjour vous', transparent: true },
  });
});

it('a letter goes to the postman as paragraphs, an electronic one by e-mail, each in the kind its channel has', () => {
  const paragraphs = ['Bonjour Camille.', 'Votre visite : https://b.test/t/c/42.0'];
  expect(of('letter', person)).toMatchObject({
    message: {
      kind: 'registered',
      from: POSTAL,
      to: {
        name: 'Camille Martin',
        line1: '18 rue des Ateliers',
        postcode: '69000',
        city: 'Lyon',
        country: 'FR',
      },
      email: null,
      paragraphs,
    },
  });
  expect(of('e-letter', person)).toMatchObject({
    message: { kind: 'lre', to: null, email: 'camille@example.test', paragraphs },
  });
});

it.each([
  ['sms', { ...person, phone: null }, 'no-address'],
  ['push', { ...person, tokens: [] }, 'no-address'],
  ['letter', { ...person, postal: null }, 'no-address'],
  ['letter', { ...person, city: null }, 'no-address'],
  ['e-letter', { ...person, email: null }, 'no-address'],
  ['email', undefined, 'no-address'],
] as const)('%s to who cannot be reached that way fails for them alone', (channel, recipient, code) => {
  expect(of(channel, recipient)).toEqual({ outcome: { kind: 'failed', code } });
});

it('no letter leaves without an address to come back to', () => {
  const { postal: _, ...homeless } = BRAND;
  expect(of('letter', person, homeless as never)).toEqual({
    outcome: { kind: 'failed', code: 'no-sender-address' },
  });
});

it('no letter leaves that is heavier than any with a price', () => {
  const letterUpTo = (upToGrams: number) =>
    composers(BRAND, {
      ...MESSAGES,
      unitCosts: [{ channel: 'letter', letterKind: 'registered', upToGrams, microsPerUnit: 1 }],
    }).letter(delivery('letter', { creativeId: 100 + CHANNELS.indexOf('letter') }), person);
  expect(letterUpTo(9)).toEqual({ outcome: { kind: 'failed', code: 'letter-without-price' } });
  expect(letterUpTo(10)).toHaveProperty('message');
});
