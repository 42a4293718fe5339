/** Whose public holidays: all of France, or Moselle and Alsace, which keep two more. */
export type HolidayCalendar = 'FR' | 'FR-57-67-68';

/** Month and day of the holidays that have a date (Code du travail, L3133-1). */
const FIXED = ['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25'];
/** Days after Easter Sunday: Easter Monday, Ascension, Whit Monday. */
const MOVING = [1, 39, 50];
/** Local law of Moselle, Bas-Rhin and Haut-Rhin (Code du travail, L3134-13): Good Friday and Saint Stephen. */
const LOCAL_FIXED = ['12-26'];
const LOCAL_MOVING = [-2];

const DAY_MS = 86_400_000;

/** Easter Sunday of a Gregorian year: the computus of Meeus, Jones and Butcher. Answers its ISO date. */
export function easterSunday(year: number): string {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const month = Math.floor((h + l - 7 * m + 114) / 31);
  const day = ((h + l - 7 * m + 114) % 31) + 1;
  return isoDate(Date.UTC(year, month - 1, day));
}

/** Public holidays of a year as ISO dates, in order. */
export function publicHolidays(calendar: HolidayCalendar, year: number): readonly string[] {
  const easter = Date.parse(easterSunday(year));
  const local = calendar === 'FR-57-67-68';
  const fixed = local ? [...FIXED, ...LOCAL_FIXED] : FIXED;
  const moving = local ? [...MOVING, ...LOCAL_MOVING] : MOVING;
  const days = [
    ...fixed.map((day) => `${year}-${day}`),
    ...moving.map((days) => isoDate(easter + days * DAY_MS)),
  ];
  return [...new Set(days)].sort();
}

/** Whether a local date (ISO) is one. */
export const isPublicHoliday = (calendar: HolidayCalendar, date: string): boolean =>
  publicHolidays(calendar, Number(date.slice(0, 4))).includes(date);

const isoDate = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
