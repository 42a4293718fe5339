import fc from 'fast-check';
import { countryOfMarket, normaliseCountry } from '../../../domain/profiles/country';
import { emptyProfile, mergeProfile } from '../../../domain/profiles/merge';
import { postalKey } from '../../../domain/profiles/postal-address';
import { patchOf } from '../../../domain/profiles/profile-input';
import type { ProfilePatch } from '../../../domain/profiles/profile-patch';

const LYON = {
  address1: '18 rue des Ateliers',
  address2: '3e étage',
  postcode: '69001',
  city: 'Lyon',
  country: 'FR',
};
const known = mergeProfile(emptyProfile({ market: 'FR', locale: 'fr' }), { fields: LYON, attributes: {} });
const after = (fields: ProfilePatch['fields']) => mergeProfile(known, { fields, attributes: {} }).fields;

test.each([
  ['fr', 'FR'],
  ['France', 'FR'],
  ['ALLEMAGNE', 'DE'],
  ['Belgium', 'BE'],
  ['Côte d’Ivoire', 'CI'],
  ['etats unis', 'US'],
])('%s is %s', (input, code) => expect(normaliseCountry(input)).toEqual({ ok: true, value: code }));

test.each(['Gondor', 'XX', 'F', '12'])('%s is no country', (input) =>
  expect(normaliseCountry(input)).toEqual({ ok: false, code: 'country-unknown' }),
);

test.each([
  ['FR', 'FR'],
  ['BE', 'BE'],
  ['fr-CH', 'CH'],
  ['BE-FR', 'FR'],
  ['EUROPE', 'FR'],
])('people of the market %s live in %s unless they say otherwise', (market, country) =>
  expect(countryOfMarket(market)).toBe(country),
);

test('a postcode is read in the plan of its country, and a French area follows only from a French one', () => {
  const belgian = patchOf({ customerKey: 'a', country: 'Belgique', postcode: '1000', city: 'Bruxelles' });
  expect(belgian).toMatchObject({ ok: true, patch: { fields: { country: 'BE', postcode: '1000' } } });
  expect(belgian.ok && belgian.patch.fields.area).toBeUndefined();
  expect(patchOf({ customerKey: 'a', postcode: '1000' })).toMatchObject({
    patch: { fields: { postcode: '01000', area: '01' } },
  });
});

describe('where a letter goes', () => {
  test('nowhere without a street, a postcode and a town', () => {
    for (const field of ['address1', 'postcode', 'city'] as const)
      expect(postalKey({ ...LYON, [field]: undefined })).toBeNull();
    expect(postalKey(LYON)).not.toBeNull();
  });

  test('one spelling a letter box', () => {
    const spelt = { ...LYON, address1: '18, Rue des  ATELIERS', address2: '3E ETAGE', city: 'LYON' };
    expect(postalKey(spelt)).toBe(postalKey(LYON));
    for (const [field, value] of Object.entries({
      address1: '19 rue des Ateliers',
      address2: '4e étage',
      country: 'BE',
    }))
      expect(postalKey({ ...LYON, [field]: value })).not.toBe(postalKey(LYON));
  });

  test('a street without a country is in that of the market', () => {
    const swiss = mergeProfile(emptyProfile({ market: 'FR-CH', locale: 'fr' }), {
      fields: { address1: '1 rue du Lac', postcode: '1003', city: 'Lausanne' },
      attributes: {},
    });
    expect(swiss.fields.country).toBe('CH');
  });
});

describe('merging', () => {
  test('a new street has not the old one’s floor', () => {
    expect(after({ address1: '2 place Bellecour' })).toEqual({
      ...known.fields,
      address1: '2 place Bellecour',
      address2: undefined,
    });
    expect(after({ address1: '2 place Bellecour', address2: 'Bât. A' }).address2).toBe('Bât. A');
  });

  test('who moved to another town, with no street said, has none', () => {
    for (const moved of [{ postcode: '75011', city: 'Paris' }, { city: 'Paris' }, { country: 'BE' }])
      expect([after(moved).address1, after(moved).address2]).toEqual([undefined, undefined]);
  });

  test('the same said otherwise, or nothing said, loses nothing', () => {
    for (const same of [
      { address1: '18 RUE DES ATELIERS' },
      { postcode: '69001' },
      { postcode: '69001', city: 'Lyon 1er' },
      {},
    ])
      expect(after(same)).toEqual({ ...known.fields, ...same });
  });

  test('merged twice is merged once', () => {
    const field = fc.option(fc.constantFrom('1 rue A', '2 rue B', '69001', '75011'), { nil: undefined });
    const patch = fc
      .record({ address1: field, address2: field, postcode: field, city: field }, { requiredKeys: [] })
      .map((f): ProfilePatch => ({ fields: JSON.parse(JSON.stringify(f)), attributes: {} }));
    fc.assert(
      fc.property(patch, patch, (a, b) => {
        const once = mergeProfile(mergeProfile(known, a), b);
        expect(mergeProfile(once, b)).toBe(once);
      }),
    );
  });
});
