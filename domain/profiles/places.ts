import { REGIONS } from '../segments/regions';
import { areaFromPostcode, areaName } from './area';
import { accept, refuse, type Checked } from './checked';
import { COLLECTIVITES, DEPARTEMENTS } from './departements';

/** Letters alone: however accents, case, hyphens and apostrophes are written. */
const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/\bst(e?)\b/g, 'saint$1')
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim();

const AREAS = new Map(
  Object.entries({ ...DEPARTEMENTS, ...COLLECTIVITES }).map(([code, name]) => [plain(name), code]),
);
const REGION_NAMES = new Map(Object.entries(REGIONS).map(([code, { name }]) => [plain(name), code]));
const REGION_OF = new Map(
  Object.entries(REGIONS).flatMap(([code, { areas }]) => areas.map((area) => [area, code])),
);

/** The code of a French département or collectivity by its code, its name or a postcode. A region is none. */
export function frenchArea(input: string): Checked<string> {
  const text = input.trim().toUpperCase();
  const code = /^\d$/.test(text) ? `0${text}` : text;
  if (areaName(code) !== null) return accept(code);
  const known = areaFromPostcode(text) ?? AREAS.get(plain(input));
  if (known !== undefined) return accept(known);
  return refuse(REGION_NAMES.has(plain(input)) ? 'area-is-region' : 'area-unknown');
}

/** The official code (INSEE) of a French region by its name, or by a département's name or a postcode in it. */
export function frenchRegion(input: string): Checked<string> {
  const named = REGION_NAMES.get(plain(input));
  if (named !== undefined) return accept(named);
  // A code of two digits is a region's here: départements share them.
  const code = input.trim();
  if (Object.hasOwn(REGIONS, code)) return accept(code);
  const area = frenchArea(input);
  const region = area.ok ? REGION_OF.get(area.value) : undefined;
  return region === undefined ? refuse('region-unknown') : accept(region);
}
