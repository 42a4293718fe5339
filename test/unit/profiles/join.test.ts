import fc from 'fast-check';
import { joinProfiles, type Said, type Side } from '../../../domain/profiles/join';
import type { KnownProfile } from '../../../domain/profiles/merge';
import { partProfile } from '../../../domain/profiles/part';
import { samePerson } from '../../../domain/profiles/same-person';

const side = (known: Partial<KnownProfile>, said: Side['said'] = {}, whole: Partial<Said> = {}): Side => ({
  known: { fields: {}, attributes: {}, doubtful: [], ...known },
  said,
  whole: { source: 'a', atMs: 0, ...whole },
});

test('the later source wins field by field, and what only one says stands', () => {
  const kept = side(
    {
      fields: { customerKey: 'k', firstName: 'Anne', email: 'a@x.fr' },
      attributes: { age: 40, tier: 'gold' },
    },
    { email: { source: 'crm', atMs: 5 }, 'attributes.age': { source: 'crm', atMs: 5 } },
  );
  const merged = side(
    { fields: { firstName: 'Annie', email: 'b@x.fr', phone: '+33612345678' }, attributes: { age: 41 } },
    { email: { source: 'web', atMs: 4 }, 'attributes.age': { source: 'web', atMs: 6 } },
    { source: 'web', atMs: 1 },
  );
  expect(joinProfiles(kept, merged)).toEqual({
    known: {
      fields: { customerKey: 'k', firstName: 'Annie', email: 'a@x.fr', phone: '+33612345678' },
      attributes: { age: 41, tier: 'gold' },
      doubtful: [],
    },
    won: {
      customerKey: 'a',
      firstName: 'web',
      email: 'crm',
      phone: 'web',
      'attributes.age': 'web',
      'attributes.tier': 'a',
    },
    taken: ['phone', 'firstName', 'attributes.age'],
  });
});

test('an address goes as a whole, a doubt with its value, and what was said beats a default', () => {
  const kept = side(
    {
      fields: { address1: '1 rue Haute', address2: 'Bât. B', postcode: '75011', city: 'Lyon', market: 'BE' },
      doubtful: ['city', 'email'],
    },
    { market: { source: 'crm', atMs: 1 } },
    { atMs: 9 },
  );
  const merged = side(
    { fields: { address1: '2 rue Basse', postcode: '69001', market: 'FR' }, doubtful: ['postcode'] },
    { postcode: { source: 'web', atMs: 2 } },
    { source: 'web', atMs: 20 },
  );
  const { known, won } = joinProfiles(kept, merged);
  expect(known.fields).toEqual({ address1: '2 rue Basse', postcode: '69001', market: 'BE' });
  expect(known.doubtful).toEqual(['postcode']);
  expect(won['market']).toBe('crm');
});

const fields = fc.record(
  {
    email: fc.constantFrom('a@x.fr', 'b@x.fr', 'c@x.fr'),
    firstName: fc.constantFrom('Anne', 'Béa'),
    city: fc.constantFrom('Lyon', 'Paris'),
  },
  { requiredKeys: [] },
);
const known: fc.Arbitrary<KnownProfile> = fc.record({
  fields,
  attributes: fc.dictionary(fc.constantFrom('age', 'tier'), fc.nat(3)),
  doubtful: fc.subarray(['city', 'email']),
});

test('parted again, a profile is what it was, but for what has changed since', () => {
  fc.assert(
    fc.property(known, known, known, (before, after, now) => {
      expect(partProfile(before, after, after)).toEqual(before);
      expect(partProfile(before, before, now)).toEqual(now);
      const parted = partProfile(before, after, now);
      for (const name of ['email', 'firstName', 'city'] as const)
        expect(parted.fields[name]).toBe(
          now.fields[name] === after.fields[name] ? before.fields[name] : now.fields[name],
        );
    }),
  );
});

test('a side that knows nothing takes nothing, whichever it is', () => {
  fc.assert(
    fc.property(known, (one) => {
      const whole: KnownProfile = { ...one, doubtful: one.doubtful.filter((name) => name in one.fields) };
      for (const joined of [joinProfiles(side(whole), side({})), joinProfiles(side({}), side(whole))])
        expect(joined.known).toEqual(whole);
    }),
  );
});

test.each<[string, Parameters<typeof samePerson>, boolean]>([
  ['an e-mail address', [{ customerKey: 'k1' }, { email: 'a@x.fr' }, 'email'], true],
  ['an e-mail address of another customer', [{ customerKey: 'k1' }, { customerKey: 'k2' }, 'email'], false],
  ['a customer number', [{ email: 'a@x.fr' }, { customerKey: 'k1' }, 'customer'], true],
  ['a telephone of whom nothing else is known', [{ customerKey: 'k1' }, {}, 'phone'], true],
  ['a telephone, under another name', [{ firstName: 'Anne' }, { firstName: 'Bob' }, 'phone'], false],
  ['a telephone, the name spelt otherwise', [{ firstName: 'ANNE' }, { firstName: 'Anne' }, 'phone'], true],
  ['a telephone of somebody with an address', [{ customerKey: 'k1' }, { email: 'b@x.fr' }, 'phone'], false],
])('%s', (_name, given, same) => {
  expect(samePerson(...given)).toBe(same);
});
