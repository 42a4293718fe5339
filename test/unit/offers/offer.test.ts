import { isOver, offerFault, offerSchema } from '../../../domain/offers/offer';

const offer = (change: object = {}) =>
  offerSchema.parse({ name: 'Automne', from: '2026-10-01', until: '2026-11-22', ...change });

test.each<[string, object, string, boolean]>([
  ['on its last evening in Paris', {}, '2026-11-22T22:59:59Z', false],
  ['from the next midnight in Paris', {}, '2026-11-22T23:00:00Z', true],
  ['where it is still that day', { markets: ['GP'] }, '2026-11-23T03:00:00Z', false],
  ['while one of its markets is still in that day', { markets: ['FR', 'GP'] }, '2026-11-23T03:00:00Z', false],
  ['once all of them are past it', { markets: ['FR', 'GP'] }, '2026-11-23T04:00:00Z', true],
  ['without a last day', { until: undefined }, '2126-01-01T00:00:00Z', false],
])('%s', (_name, change, now, over) => {
  expect(isOver(offer(change), new Date(now))).toBe(over);
});

test.each<[string, object | null, string, string | null]>([
  ['holds', {}, '2026-11-01T12:00:00Z', null],
  ['is announced before it begins', {}, '2026-09-01T12:00:00Z', null],
  ['is not there', null, '2026-11-01T12:00:00Z', 'there is no offer A'],
  ['is for others', { markets: ['BE'] }, '2026-11-01T12:00:00Z', 'the offer A is not for the market FR'],
  ['has ended', {}, '2026-11-23T12:00:00Z', 'the offer A ended on 2026-11-22'],
  [
    'has ended here, though not in another of its markets',
    { markets: ['FR', 'GP'] },
    '2026-11-23T03:00:00Z',
    'the offer A ended on 2026-11-22',
  ],
])('an offer that %s', (_name, change, now, fault) => {
  const given = change === null ? undefined : offer(change);
  expect(offerFault('A', given, { market: 'FR', now: new Date(now) })).toBe(fault);
});
