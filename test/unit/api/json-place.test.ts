import fc from 'fast-check';
import { firstFault } from '../../../api/json-place';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test.each([
  ['', 0],
  ['{"a":1,}', 7],
  ['{"a" 1}', 5],
  ['[1 2]', 3],
  ['[1,', 3],
  ['{"a":[1,2}', 9],
  ['01', 0],
  ['1.', 0],
  ['tru', 0],
  ['{} x', 3],
  ["{'a':1}", 1],
  ['"a\nb"', 0],
  [']', 0],
  ['{"a":1]', 6],
])('%j stops being JSON at %d', (text, at) => expect(firstFault(text)).toBe(at));

test('agrees with JSON.parse, on JSON and on JSON with a piece put in or taken out', () => {
  fc.assert(
    fc.property(
      fc.json(),
      fc.nat(),
      fc.nat({ max: 3 }),
      fc.constantFrom('', ',', '"', '{', '}', '[', ']', ':', '0', '-', '.', 'e', 'n', ' ', '\\', '\u0001'),
      (json, place, taken, put) => {
        expect(firstFault(json)).toBeNull();
        const at = place % (json.length + 1);
        const changed = json.slice(0, at) + put + json.slice(at + taken);
        const fault = firstFault(changed);
        expect(fault === null).toBe(isJson(changed));
        if (fault !== null) expect(fault).toBeLessThanOrEqual(changed.length);
      },
    ),
    { numRuns: 2_000 },
  );
});
