import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { compileCreative, fillByLiquid } from '../../../adapters/renderer/personalise';
import { cutIntoSlots } from '../../../adapters/renderer/slots';
import { compileMime } from '../../../adapters/smtp/compiled-mime';
import { buildMime } from '../../../adapters/smtp/mime';

const words = fc.oneof(
  fc.constantFrom(
    'été, l’hiver & « tout » <b>',
    '.',
    '..\n.x',
    '\r\n',
    'a'.repeat(90),
    '👩‍👩‍👧 = 100 %',
    'fin \t\n',
    '} { %',
    '\ud83d',
    ' ',
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replace(/[{}\ue000-\uf8ff]/g, '')),
);
const fallback = fc.constantFrom('à vous', "l'ami", '', '<&>', '.point', 'x'.repeat(80));
const variable = fc.constantFrom('firstName', 'lastName', 'city');
const output = fc.oneof(
  fc.tuple(variable, fallback).map(([name, text]) => `{{ person.${name} | default: "${text}" }}`),
  variable.map((name) => `{{ person.${name} }}`),
  fallback.map((text) => `{{ message.order | default: "${text}" }}`),
  fc.constantFrom('{{ links[0] }}', '{{ links[1] }}', '{{ unsubscribeUrl }}', "{{ '{' }}"),
);
const piece: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: words },
  { weight: 3, arbitrary: output },
  fc.constant('{% if pixelUrl %}<img src="{{ pixelUrl }}">{% endif %}'),
  fc
    .tuple(variable, fc.array(fc.oneof(words, output), { maxLength: 3 }), words)
    .map(([name, yes, no]) => `{% if person.${name} %}${yes.join('')}{% else %}${no}{% endif %}`),
);
const template = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''));
const name = fc.oneof(
  fc.constantFrom(
    null,
    'Zoé',
    'O’Brien-Lefèvre',
    "D'Angelo",
    'MARIE-CLAUDE',
    'test',
    '   ',
    'Nguyễn Văn',
    '.Jean',
    'a\r\nBcc: x@y.test',
    '<b>',
    'Ab '.repeat(12),
  ),
  fc.string({ maxLength: 12 }),
);
const url = fc.constantFrom(
  'https://crm.example.test/t/c/abcdefghijklmnopqrstuvwxyz12',
  `https://crm.example.test/${'x'.repeat(120)}?a=1&b="2"`,
  '.',
);
const case_ = fc.record({
  creative: fc.record({ subject: template, html: template, text: template }),
  person: fc.record({ firstName: name, lastName: name, city: name }),
  urls: fc.record({
    links: fc.tuple(url, url),
    unsubscribeUrl: url,
    pixelUrl: fc.option(url),
  }),
  values: fc.record(
    { order: fc.oneof(fc.constantFrom('A-42', '', 'é\n.\n'), fc.string()) },
    { requiredKeys: [] },
  ),
});

const answer = <T>(work: () => T): T | 'refused' => {
  try {
    return work();
  } catch {
    return 'refused';
  }
};

it('fills in what Liquid fills in, for any text, any name and any address', () => {
  let cut = 0;
  fc.assert(
    fc.property(case_, ({ creative, person, urls, values }) => {
      if (cutIntoSlots(creative)?.(person, urls, values)) cut += 1;
      expect(answer(() => compileCreative(creative)(person, urls, values))).toEqual(
        answer(() => fillByLiquid(creative)(person, urls, values)),
      );
    }),
    { numRuns: 1_500 },
  );
  // Else the property would hold because nothing was ever cut.
  expect(cut).toBeGreaterThan(500);
});

it('writes a message that reads as the one Liquid and the plain writer make, in lines a relay takes as they are', async () => {
  const frame = {
    from: { name: 'Maison Lumière, Paris', address: 'bonjour@lumiere.example.test' },
    replyTo: 'aide@lumiere.example.test',
    headers: {
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'Feedback-ID': 'c1:crm:promotion:lumiere',
    },
  };
  const own = { 'List-Unsubscribe': '<https://crm.example.test/u/abc>', 'X-Boucle-Delivery': '7' };
  const date = new Date('2026-11-22T10:00:00Z');
  let compiled = 0;
  await fc.assert(
    fc.asyncProperty(case_, async ({ creative, person, urls, values }) => {
      const to = 'zoe@example.test';
      const messageId = '<d7.c1@lumiere.example.test>';
      const mime = compileMime(
        creative,
        frame,
      )?.({ person, urls, values, to, messageId, headers: own, date });
      if (mime === undefined || mime === null) return;
      compiled += 1;
      const plain = buildMime(
        {
          deliveryId: 7,
          to: { address: to },
          from: frame.from,
          replyTo: frame.replyTo,
          ...fillByLiquid(creative)(person, urls, values),
          headers: { ...own, ...frame.headers },
          messageId,
        },
        date,
      );
      expect(await read(mime)).toEqual(await read(plain));
      for (const source of [mime, plain]) {
        const [, ...bodies] = source.split('\r\n\r\n');
        for (const line of bodies.join('\r\n\r\n').split('\r\n')) {
          expect(line.length).toBeLessThanOrEqual(76);
          expect(line).toMatch(/^(?!\.)[\t\x20-\x7e]*$/);
          expect(line).not.toMatch(/[ \t]$/);
        }
      }
    }),
    { numRuns: 700 },
  );
  expect(compiled).toBeGreaterThan(200);
});

async function read(source: string) {
  const mail = await PostalMime.parse(source);
  const headers = mail.headers
    .filter(({ key }) => key !== 'content-type')
    .map(({ key, value }) => `${key}: ${value}`)
    .sort();
  return { subject: mail.subject, from: mail.from, to: mail.to, html: mail.html, text: mail.text, headers };
}

it.each([
  '{{ person.firstName | upcase }}',
  '{% raw %}{{ person.city }}{% endraw %}',
  '{{{ person.city }}',
  'x\ue100',
])('leaves %j to Liquid', (text) => {
  expect(answer(() => cutIntoSlots({ subject: '', html: text, text: '' }))).toBeNull();
});
