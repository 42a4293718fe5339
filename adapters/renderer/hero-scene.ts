import { PALETTES, type PaletteName } from './hero-palettes';
import { clothesRail } from './scenes/clothes-rail';
import { hills } from './scenes/hills';
import { lamps } from './scenes/lamps';
import { room } from './scenes/room';
import type { Scene } from './scenes/scene';
import { stillLife } from './scenes/still-life';

export const HERO = { width: 1200, height: 600 } as const;

/** Words, French or English, that call for a scene. The first that matches wins. */
const CUES: readonly (readonly [RegExp, Scene])[] = [
  [/women|dress|skirt|\brobes?\b|jupe|femme/i, clothesRail('dresses')],
  [/\bmen\b|\bmen[’'s]|jacket|shirt|veste|chemise|homme/i, clothesRail('jackets')],
  [/cloth|outfit|v[êe]tement|garde-robe|wear|shop|boutique|vitrine/i, clothesRail('both')],
  [/fauteuil|armchair|lecture|reading|salon le soir|tomb[ée]e du jour|floor lamp|lampadaire/i, room],
  [/lampes|lamps|suspension|pendant|buffet|sideboard|plusieurs sources/i, lamps],
  [
    /minimal|[ée]pur|[ée]l[ée]gan|premium|mati[èe]re|material|texture|nature morte|still life|vase|objet|sobre|luxe/i,
    stillLife,
  ],
  [/salon|int[ée]rieur|interior|lamp|lumi|light|soir|evening|cosy|maison|\bhome\b|chambre/i, room],
];

/** 32-bit FNV-1a and Mulberry32: the same words always draw the same variation. Nothing is decided by it. */
function seeded(words: string): () => number {
  let state = 0x811c9dc5;
  for (const char of words) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const sceneFor = (words: string): Scene | undefined => CUES.find(([cue]) => cue.test(words))?.[1];

/**
 * The hero as SVG, 1200×600. It carries a mood and nothing to read: the offer stays text in the message. The alt text
 * picks the scene, so that it describes what is seen; the persona's visual guideline helps out where the alt names
 * nothing, and varies the composition, so that each persona has a picture of its own.
 */
export function heroScene(palette: PaletteName, alt: string, guideline: string): string {
  const scene = sceneFor(alt) ?? sceneFor(guideline) ?? hills;
  const { width, height } = HERO;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${scene(PALETTES[palette], seeded(`${palette} ${guideline}`))}</svg>`;
}
