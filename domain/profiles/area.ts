import { COLLECTIVITES, DEPARTEMENTS } from './departements';

/** The name of a French area by its official code, null if there is no such code. */
export const areaName = (code: string): string | null => DEPARTEMENTS[code] ?? COLLECTIVITES[code] ?? null;

/** Two islands whose postcodes still start with Guadeloupe's 971. */
const ISLANDS: Readonly<Record<string, string>> = { '97133': '977', '97150': '978' };

/**
 * The département (or overseas collectivity) a French postcode lies in; null for what is no French area (98000 is
 * Monaco). Corsica: 200xx and 201xx are Corse-du-Sud, 202xx and 206xx Haute-Corse. A few communes are served by a
 * neighbouring département's post office, so this is where the mail goes, not always where the commune is.
 */
export function areaFromPostcode(postcode: string): string | null {
  if (!/^\d{5}$/.test(postcode)) return null;
  const island = ISLANDS[postcode];
  if (island !== undefined) return island;
  const two = postcode.slice(0, 2);
  if (two === '20') return corsica(postcode.slice(0, 3));
  const code = two === '97' || two === '98' ? postcode.slice(0, 3) : two;
  return areaName(code) === null ? null : code;
}

function corsica(three: string): string | null {
  if (three === '200' || three === '201') return '2A';
  return three === '202' || three === '206' ? '2B' : null;
}
