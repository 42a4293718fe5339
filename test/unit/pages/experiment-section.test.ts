import { reading } from '../../../api/pages/sections/experiment';
import { html } from '../../../api/pages/html';
import { evaluateExperiment } from '../../../domain/experiments/evaluate';

const shown = (sent: boolean): string => {
  const evaluation = evaluateExperiment({
    metric: 'visit',
    direction: 'increase',
    alpha: 0.05,
    minPerArm: 1_000,
    arms: [
      { key: 'none', weight: 1, control: true, n: 21_306, events: 2_262 },
      { key: 'mens', weight: 1, n: 21_307, events: 3_894 },
    ],
  });
  const terms = {
    label: (key: string) => html`${key}`,
    confidence: 0.95,
    caption: 'Arms',
    counted: html`Counted`,
  };
  const sends = [{ arm: 'mens', accepted: 21_290, unsubscribed: 41, complained: 7 }];
  return String(reading(sent ? { ...evaluation, sends } : evaluation, terms)).replace(/\s+/g, ' ');
};

const cells = (page: string, arm: string): string[] => {
  const row = page.split('<tr>').find((one) => one.includes(`<th scope="row">${arm}</th>`)) ?? '';
  return [...row.matchAll(/<td[^>]*>([^<]*)</g)].map(([, text]) => (text ?? '').trim().replace(/\D+/g, ' '));
};

test('each arm is followed from those allowed to those who complained, where that was counted', () => {
  expect(cells(shown(true), 'mens')).toEqual(['21 307', '21 290', '3 894', '18 28 ', '41', '7']);
  expect(cells(shown(true), 'none')).toEqual(['21 306', ' ', '2 262', '10 62 ', ' ', ' ']);
});

test('of a test that was run elsewhere nothing was sent', () => {
  expect(cells(shown(false), 'mens')).toEqual(['21 307', '3 894', '18 28 ']);
  expect(shown(false)).not.toContain('Complained');
});
