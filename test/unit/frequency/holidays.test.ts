import { easterSunday, isPublicHoliday, publicHolidays } from '../../../domain/frequency/holidays';

// Dates as the Astronomical Applications Department of the U.S. Naval Observatory publishes them.
it.each([
  [1954, '1954-04-18'],
  [1981, '1981-04-19'],
  [2000, '2000-04-23'],
  [2008, '2008-03-23'],
  [2011, '2011-04-24'],
  [2024, '2024-03-31'],
  [2025, '2025-04-20'],
  [2026, '2026-04-05'],
  [2027, '2027-03-28'],
  [2038, '2038-04-25'],
  [2285, '2285-03-22'],
])('Easter of %i', (year, date) => {
  expect(easterSunday(year)).toBe(date);
});

it('holidays of France in 2026', () => {
  expect(publicHolidays('FR', 2026)).toEqual([
    '2026-01-01',
    '2026-04-06',
    '2026-05-01',
    '2026-05-08',
    '2026-05-14',
    '2026-05-25',
    '2026-07-14',
    '2026-08-15',
    '2026-11-01',
    '2026-11-11',
    '2026-12-25',
  ]);
});

it('Alsace and Moselle keep Good Friday and Saint Stephen too', () => {
  expect(publicHolidays('FR-57-67-68', 2026)).toHaveLength(13);
  for (const day of ['2026-04-03', '2026-12-26']) {
    expect(isPublicHoliday('FR-57-67-68', day)).toBe(true);
    expect(isPublicHoliday('FR', day)).toBe(false);
  }
});

it('Ascension on a holiday with a date is one day (2008: the first of May)', () => {
  expect(publicHolidays('FR', 2008)).toHaveLength(10);
});
