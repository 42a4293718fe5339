import { describe, expect, test } from '@jest/globals';
import { duration, percent, points } from '../../../api/pages/format';
import { forestRow, scaleOf } from '../../../api/pages/sections/forest-plot';
import { stackedBar } from '../../../api/pages/stacked-bar';

describe('figures', () => {
  test.each([
    [0, '0.0 s'],
    [1_340, '1.3 s'],
    [59_600, '1 min'],
    [61_000, '1 min 1 s'],
    [3_600_000, '1 h'],
    [3_661_000, '1 h 1 min'],
    [90_000_000, '1 d 1 h'],
    [86_400_000 * 3 + 59_000, '3 d'],
  ])('%d ms is %s', (ms, words) => expect(duration(ms)).toBe(words));

  test('a small share is never shown as none', () => {
    expect(percent(0)).toBe('0.0 %');
    expect(percent(0.0001)).toBe('< 0.1 %');
    expect(points(-0.0123)).toBe('−1.23 pt');
    expect(points(0)).toBe('+0.00 pt');
  });
});

describe('pictures', () => {
  const widths = (svg: string): number[] =>
    [...svg.matchAll(/fill-(?!track)\w+" x="[\d.]+" width="([\d.]+)"/g)].map((m) => Number(m[1]));

  test('the pieces of a bar add up to the whole', () => {
    const counts = { planned: 3_000, accepted: 1_111, failed: 7, skipped: 333, uncertain: 1, open: 1_548 };
    const bar = stackedBar(counts, 'big').text;
    expect(widths(bar).reduce((a, b) => a + b, 0)).toBeCloseTo(100, 1);
    expect(bar).toContain('1,111 accepted, 7 failed, 333 skipped, 1 uncertain, 1,548 open');
  });

  test('nothing planned is an empty bar, not a division by zero', () => {
    const bar = stackedBar(
      { planned: 0, accepted: 0, failed: 0, skipped: 0, uncertain: 0, open: 0 },
      'small',
    ).text;
    expect(bar).toContain('Nothing planned');
    expect(bar).not.toContain('NaN');
  });

  test('zero is on every forest plot, and an interval that holds it is not drawn as clear', () => {
    const rows = [
      { label: 'a', difference: 0.03, ci: [0.01, 0.05] as const, words: String },
      { label: 'b', difference: 0.001, ci: [-0.01, 0.012] as const, words: String },
    ];
    const x = scaleOf(rows);
    for (const share of [0, -0.01, 0.05]) {
      expect(x(share)).toBeGreaterThanOrEqual(0);
      expect(x(share)).toBeLessThanOrEqual(320);
    }
    expect(rows.map((r) => forestRow(r, x).text.includes('ci-clear'))).toEqual([true, false]);
    expect(scaleOf([])(0)).toBeCloseTo(160);
  });
});
