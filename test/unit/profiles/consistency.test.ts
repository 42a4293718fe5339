import fc from 'fast-check';
import { defaultPolicies } from '../../../config/policies/delivery';
import { recordRules } from '../../../domain/profiles/doubt';
import { emptyProfile, mergeProfile, type KnownProfile } from '../../../domain/profiles/merge';
import type { ProfilePatch } from '../../../domain/profiles/profile-patch';

const rules = recordRules(Object.values(defaultPolicies().consistency));
const believing = { rules, today: '2026-06-01' };
const nobody = emptyProfile({ market: 'FR', locale: 'fr' });
const told = (
  fields: ProfilePatch['fields'],
  attributes: ProfilePatch['attributes'] = {},
  known: KnownProfile = nobody,
): KnownProfile => mergeProfile(known, { fields, attributes }, believing);

test.each<[string, ProfilePatch['fields'], ProfilePatch['attributes'], string[]]>([
  ['an area its postcode is not in', { area: '13', postcode: '75011' }, {}, ['area']],
  ['a city elsewhere', { city: 'Lyon 3e', postcode: '75011' }, {}, ['city', 'postcode']],
  ['a city with its cedex', { city: 'NANTES CEDEX 2', postcode: '44000' }, {}, []],
  ['an arrondissement', { city: 'Paris 11e arrondissement', postcode: '75011' }, {}, []],
  ['accents and dashes', { city: 'Saint Etienne', postcode: '42000' }, {}, []],
  ['St for Saint', { city: 'St-Étienne', postcode: '69000' }, {}, ['city', 'postcode']],
  ['a name several cities have', { city: 'Saint-Denis', postcode: '97400' }, {}, []],
  ['a city nobody listed', { city: 'Trifouilly', postcode: '75011' }, {}, []],
  ['a city abroad', { city: 'Nice', postcode: '75011', country: 'DE' }, {}, []],
  [
    'an age of another birth date',
    {},
    { birth_date: '1990-06-02', age: 50 },
    ['attributes.age', 'attributes.birth_date'],
  ],
  ['an age counted a year early', {}, { birth_date: '1990-06-02', age: 36 }, []],
  ['born tomorrow', {}, { birth_date: '2027-01-01' }, ['attributes.birth_date']],
  ['older than anybody', {}, { birth_date: '1900-01-01' }, ['attributes.birth_date']],
  ['an address typed to get past a form', { email: 'noreply@boutique.fr' }, {}, ['email']],
  ['a mistyped provider', { email: 'anne@gmial.com' }, {}, ['email']],
  ['a name typed to get past a form', { firstName: 'XXX', lastName: 'Toto' }, {}, ['firstName', 'lastName']],
  [
    'good ones',
    { email: 'anne@exemple.fr', firstName: 'Anne', city: 'Lyon', postcode: '69003' },
    { age: 30 },
    [],
  ],
])('%s', (_name, fields, attributes, doubtful) => {
  expect(told(fields, attributes).doubtful).toEqual(doubtful);
});

test('a doubt lasts until the value, or one it is compared with, is a believable one', () => {
  const known = told({ city: 'Lyon', postcode: '75011', email: 'test@exemple.fr' });
  expect(known.doubtful).toEqual(['city', 'email', 'postcode']);
  expect(told({ email: 'test@exemple.fr', firstName: 'Anne' }, {}, known).doubtful).toEqual([
    'city',
    'email',
    'postcode',
  ]);
  expect(told({ postcode: '69001' }, {}, known)).toMatchObject({ doubtful: ['email'] });
  expect(told({ email: 'anne@exemple.fr' }, {}, known).doubtful).toEqual(['city', 'postcode']);
  // Another address that is no better.
  expect(told({ email: 'none@exemple.fr' }, {}, known).doubtful).toContain('email');
});

test('a doubt of another origin outlives what says nothing new of the value', () => {
  const known: KnownProfile = { ...told({ phone: '+33612345678' }), doubtful: ['phone'] };
  expect(told({ phone: '+33612345678', firstName: 'Anne' }, {}, known).doubtful).toEqual(['phone']);
  expect(told({ phone: '+33687654321' }, {}, known).doubtful).toEqual([]);
});

test('nothing is dropped, and what is said twice changes nothing', () => {
  const text = fc.constantFrom('test@test.fr', 'anne@gmial.com', 'anne@exemple.fr');
  const fields = fc.record(
    {
      email: text,
      city: fc.constantFrom('Paris', 'Lyon', 'Ailleurs'),
      postcode: fc.constantFrom('75001', '69001'),
      area: fc.constantFrom('75', '69'),
      firstName: fc.constantFrom('toto', 'Anne'),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(fields, { minLength: 1, maxLength: 5 }), (patches) => {
      const known = patches.reduce((so, patch) => told(patch, {}, so), nobody);
      const last = patches.at(-1) ?? {};
      expect(known.fields).toMatchObject(last);
      expect(told(last, {}, known)).toBe(known);
      // Whatever came before, the doubts are those of the values as they stand.
      expect(known.doubtful).toEqual(told(known.fields).doubtful);
    }),
  );
});
