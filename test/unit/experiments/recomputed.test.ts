import fc from 'fast-check';
import { differences } from '../../../domain/experiments/recomputed';

test('nothing differs from itself, however it is nested, once it was stored', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(differences(value, JSON.parse(JSON.stringify(value)))).toEqual([]);
    }),
  );
});

test('each difference is named by its place, as many as are asked for', () => {
  expect(differences({ a: [1, { b: 2 }], c: null }, { a: [1, { b: 3 }], c: {} })).toEqual(['/a/1/b', '/c']);
  expect(differences({ a: 0.1 + 0.2 }, { a: 0.3 })).toEqual(['/a']);
  expect(differences({}, { late: 1 })).toEqual(['/late']);
  expect(differences({ a: undefined }, {})).toEqual([]);
  expect(differences([1, 2, 3], [4, 5, 6], 2)).toEqual(['/0', '/1']);
});
