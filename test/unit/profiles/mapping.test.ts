import { mappingSchema, type MappingInput } from '../../../domain/profiles/mapping';
import { missingColumns, rowReader } from '../../../domain/profiles/row';

const BASE: MappingInput = {
  key: 'shop',
  source: 'shop-crm',
  fields: [
    { column: 'id', to: 'customerKey' },
    { column: 'mail', to: 'email', required: true },
    { column: 'cp', to: 'postcode' },
    { column: 'spend', to: 'attributes.past_year_spend_cents', type: 'money', currency: 'EUR' },
  ],
  events: [{ type: 'purchase', monthsAgoColumn: 'recency', valueColumn: 'spend' }],
  consents: [
    {
      purpose: 'promotion',
      channel: 'email',
      column: 'optin',
      values: { '1': 'granted', '0': 'refused' },
      atColumn: 'optin_at',
      source: 'web',
    },
  ],
};
const HEADER = ['id', 'mail', 'cp', 'spend', 'recency', 'optin', 'optin_at'];
const RECEIVED = '2026-11-22T10:00:00.000Z';

describe('mapping', () => {
  const faults = (change: Partial<MappingInput>): string[] =>
    mappingSchema
      .safeParse({ ...BASE, ...change })
      .error?.issues.map((i) => `${i.path.join('.')}: ${i.message}`) ?? [];

  test('a good one passes', () => expect(faults({})).toEqual([]));
  test('rows need a key', () => {
    expect(faults({ fields: [{ column: 'a', to: 'firstName' }] })[0]).toContain('rows need a key');
  });
  test('a target is mapped once, and only attributes have a type', () => {
    const fields: MappingInput['fields'] = [...BASE.fields, { column: 'x', to: 'email', type: 'integer' }];
    expect(faults({ fields })).toEqual([
      'fields.4.to: mapped twice',
      'fields.4.type: only attributes have a type',
    ]);
  });
  test('only booleans have words, and none is both', () => {
    const words = { true: ['Oui'], false: ['non'] };
    const flag: MappingInput['fields'][number] = { column: 'x', to: 'attributes.x', type: 'boolean', words };
    expect(faults({ fields: [...BASE.fields, flag] })).toEqual([]);
    expect(faults({ fields: [...BASE.fields, { ...flag, type: 'string' }] })).toEqual([
      'fields.4.words: only booleans have words',
    ]);
    const both = { ...flag, words: { true: ['Oui'], false: ['non', 'oui'] } };
    expect(faults({ fields: [...BASE.fields, both] })).toEqual([
      'fields.4.words: a word is both true and false',
    ]);
  });
  test('an event says when in exactly one way', () => {
    expect(faults({ events: [{ type: 'x' }] })).toHaveLength(1);
    expect(faults({ events: [{ type: 'x', atColumn: 'a', daysAgoColumn: 'b' }] })).toHaveLength(1);
  });
  test('what became of a message is told by nobody else', () => {
    expect(faults({ events: [{ type: 'message.clicked', atColumn: 'a' }] })).toEqual([
      'events.0.type: is told by Boucle alone',
    ]);
  });
});

describe('rows', () => {
  const mapping = mappingSchema.parse(BASE);
  const read = rowReader(mapping, HEADER, RECEIVED);

  test('columns the file lacks are named', () => {
    expect(missingColumns(mapping, ['id', ' mail '])).toEqual([
      'cp',
      'spend',
      'recency',
      'optin',
      'optin_at',
    ]);
  });

  test('a row becomes a person with what they did and said', () => {
    expect(read(['7', 'A@B.fr', '20090', '142,44', '10', '1', '2025-01-02'], 3)).toEqual({
      ok: true,
      row: {
        line: 3,
        fields: { customerKey: '7', email: 'a@b.fr', postcode: '20090', area: '2A' },
        attributes: { past_year_spend_cents: 14_244 },
        events: [
          {
            type: 'purchase',
            at: '2026-01-22T10:00:00.000Z',
            identity: ['purchase', '10', '142,44'],
            valueCents: 14_244,
            currency: 'EUR',
          },
        ],
        consents: [
          {
            purpose: 'promotion',
            channel: 'email',
            action: 'granted',
            at: '2025-01-02T00:00:00.000Z',
            expiresAt: null,
            source: 'web',
            wording: null,
            proof: null,
            legalBasis: 'consent',
          },
        ],
      },
    });
  });

  test('every fault of a row is told, none with its value', () => {
    const answer = read(['', 'secret', 'XX', 'lots', 'long ago', 'perhaps', ''], 9);
    expect(answer).toMatchObject({ ok: false });
    const rejects = answer.ok ? [] : answer.rejects;
    expect(rejects.map((r) => [r.line, r.field, r.code])).toEqual([
      [9, 'attributes.past_year_spend_cents', 'money-invalid'],
      [9, 'email', 'email-invalid'],
      [9, 'postcode', 'postcode-invalid'],
      [9, 'events.purchase', 'integer-invalid'],
      [9, 'consents.promotion.email', 'consent-unknown'],
    ]);
    expect(JSON.stringify(rejects)).not.toMatch(/secret|lots|perhaps|long ago/);
  });

  test('a missing required cell, too few cells, a future date', () => {
    const codes = (cells: string[]): string[] => {
      const answer = read(cells, 2);
      return answer.ok ? [] : answer.rejects.map((r) => r.code);
    };
    expect(codes(['7', '', '', '', '', '', ''])).toEqual(['missing']);
    expect(codes(['7'])).toEqual(['wrong-column-count']);
    expect(codes(['7', 'a@b.fr', '', '', '', '1', '2027-01-01'])).toEqual(['date-in-future']);
  });
});
