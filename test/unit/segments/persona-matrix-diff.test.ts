import type { MatrixRow } from '../../../domain/segments/persona-matrix';
import { diffWords, matrixDiff, shareChange } from '../../../domain/segments/persona-matrix-diff';
import { matrixNoticeWords } from '../../../domain/segments/persona-matrix-notice';
import { lastReviewAt } from '../../../domain/segments/persona-matrix-review';

const row = (segment: string, change: Partial<MatrixRow> = {}): MatrixRow => ({
  segment_id: segment,
  value_tier: 'high',
  behavior_cluster: 'regular',
  state: 'active',
  key_message: 'Merci',
  visual_guideline: 'chaud',
  offer_code: 'P10',
  ...change,
});

test('rows by their segment, cells by their column; the order of rows says nothing', () => {
  const before = [row('high-ltv'), row('young'), row('gone')];
  const after = [
    row('new', { offer_code: 'P5' }),
    row('young'),
    row('high-ltv', { state: 'calm', key_message: 'Bonjour' }),
  ];
  const diff = matrixDiff(before, after);
  expect(diffWords(diff)).toEqual([
    'row new added: value_tier high, behavior_cluster regular, state active, key_message Merci, visual_guideline chaud, offer_code P5',
    'row gone removed',
    'row high-ltv: state active → calm',
    'row high-ltv: key_message Merci → Bonjour',
  ]);
  expect(diffWords(matrixDiff(after, [...after].reverse()))).toEqual([]);
});

test('two changes have something in common where they bring the same cell or take the same row away', () => {
  const before = [row('a'), row('b')];
  const warm = matrixDiff(before, [row('a', { state: 'calm', key_message: 'Bonjour' }), row('b')]);
  const shared = (after: MatrixRow[]): boolean => shareChange(matrixDiff(before, after), warm);
  expect(shared([row('a', { state: 'calm', key_message: 'Salut' }), row('b')])).toBe(true);
  expect(shared([row('a', { state: 'left' }), row('b', { key_message: 'Bonjour' })])).toBe(false);
  expect(shared([row('a'), row('b'), row('c', { key_message: 'Bonjour' })])).toBe(false);
  const without = matrixDiff(before, [row('a')]);
  expect(shareChange(without, matrixDiff(before, [row('c')]))).toBe(true);
  expect(shareChange(matrixDiff([], before), matrixDiff([], [row('b', { state: 'calm' })]))).toBe(true);
  expect(shareChange(without, warm)).toBe(false);
});

test('a long cell is cut, a long list is counted', () => {
  const changes = diffWords(matrixDiff([row('a')], [row('a', { key_message: 'x'.repeat(500) })]), 20);
  expect(changes).toEqual([`row a: key_message Merci → ${'x'.repeat(19)}…`]);
  const words = matrixNoticeWords({
    kind: 'proposed',
    version: 4,
    author: 'anne',
    note: 'for the summer',
    decidedBy: null,
    decisionNote: null,
    changes: Array.from({ length: 40 }, (_, i) => `row r${i} removed`),
  });
  expect(words.split('\n')).toHaveLength(15);
  expect(words).toContain('anne proposes version 4');
  expect(words).toContain('“for the summer”');
  expect(words).toMatch(/… and 28 more$/);
});

test.each([
  ['a Monday before nine in Paris is the week before', '2026-07-06T06:59:59Z', '2026-06-29T07:00:00.000Z'],
  ['a Monday at nine', '2026-07-06T07:00:00Z', '2026-07-06T07:00:00.000Z'],
  ['a Sunday night', '2026-07-12T21:59:00Z', '2026-07-06T07:00:00.000Z'],
  ['in winter Paris is an hour nearer', '2026-12-09T12:00:00Z', '2026-12-07T08:00:00.000Z'],
  ['the week after the clocks changed', '2026-10-26T07:59:00Z', '2026-10-19T07:00:00.000Z'],
])('the review is due on Mondays: %s', (_name, now, due) => {
  expect(lastReviewAt(new Date(now)).toISOString()).toBe(due);
});
