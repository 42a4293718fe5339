import type { Palette } from '../hero-palettes';
import { between, glow, gradient, type Scene } from './scene';

type Garment = (x: number, colour: string, trim: string) => string;

const hanger = (x: number, metal: string): string =>
  `<path d="M${x} 132v18a8 8 0 1 0 -8 -8M${x} 150L${x - 62} 190M${x} 150L${x + 62} 190" fill="none" stroke="${metal}" stroke-width="4" stroke-linecap="round"/>`;

const jacket: Garment = (x, colour, trim) =>
  `<path d="M${x - 34} 164L${x - 78} 192L${x - 92} 404h30l8 -150v190h108v-190l8 150h30L${x + 78} 192L${x + 34} 164L${x} 176z" fill="${colour}"/>` +
  `<path d="M${x - 26} 162L${x} 262L${x + 26} 162L${x} 180z" fill="${trim}"/><path d="M${x} 262V444" stroke="#000" stroke-opacity=".2" stroke-width="3"/>` +
  `<path d="M${x - 40} 350h28M${x + 12} 350h28" stroke="#000" stroke-opacity=".18" stroke-width="4"/><circle cx="${x + 9}" cy="290" r="4" fill="${trim}"/><circle cx="${x + 9}" cy="326" r="4" fill="${trim}"/>`;

const shirt: Garment = (x, colour, trim) =>
  `<path d="M${x - 28} 164L${x - 74} 190L${x - 96} 300l30 10l18 -58v166h96v-166l18 58l30 -10L${x + 74} 190L${x + 28} 164z" fill="${colour}"/>` +
  `<path d="M${x - 28} 164L${x - 8} 200L${x} 184L${x + 8} 200L${x + 28} 164z" fill="${trim}"/><path d="M${x} 190V418" stroke="#000" stroke-opacity=".12" stroke-width="3"/>`;

const dress: Garment = (x, colour, trim) =>
  `<path d="M${x - 36} 166q10 34 36 34t36 -34l20 14q-18 60 -14 96l50 178q-92 26 -184 0l50 -178q4 -36 -14 -96z" fill="${colour}"/>` +
  `<path d="M${x - 43} 268q43 14 86 0l3 16q-46 14 -92 0z" fill="${trim}"/>` +
  `<path d="M${x - 22} 292L${x - 46} 456M${x + 22} 292L${x + 46} 456" stroke="#000" stroke-opacity=".1" stroke-width="4"/>`;

/** A shop's rail with a season's clothes; `cut` says which kinds hang on it. */
export const clothesRail =
  (cut: 'jackets' | 'dresses' | 'both'): Scene =>
  (palette, random) => {
    const kinds: Readonly<Record<typeof cut, readonly Garment[]>> = {
      jackets: [jacket, shirt, jacket, shirt],
      dresses: [dress, shirt, dress, jacket],
      both: [jacket, dress, shirt, dress],
    };
    const colours = garmentColours(palette);
    const start = between(random, 296, 326);
    const garments = kinds[cut].map((garment, i) => {
      const x = start + i * 200;
      const [colour, trim] = colours[i % colours.length] ?? [palette.accent, palette.pale];
      return hanger(x, palette.planes[3]) + garment(x, colour, trim);
    });
    const metal = palette.dark ? palette.accent : palette.planes[3];
    return (
      `<defs>${gradient('wall', palette.sky)}${gradient('floor', [palette.planes[0], palette.planes[1]])}${glow('glow', palette.light, 0.9)}</defs>` +
      `<rect width="1200" height="600" fill="url(#wall)"/><circle cx="600" cy="250" r="520" fill="url(#glow)" opacity=".75"/>` +
      `<rect y="520" width="1200" height="80" fill="url(#floor)"/><ellipse cx="600" cy="548" rx="450" ry="18" fill="#000" opacity=".12"/>` +
      `<path d="M170 540V128M1030 540V128" stroke="${metal}" stroke-width="10"/><path d="M120 540h100M980 540h100" stroke="${metal}" stroke-width="10" stroke-linecap="round"/>` +
      `<path d="M150 132h900" stroke="${metal}" stroke-width="10" stroke-linecap="round"/>` +
      garments.join('') +
      `<g><rect x="250" y="500" width="128" height="44" rx="6" fill="${palette.accent}"/><rect x="250" y="500" width="128" height="12" rx="6" fill="#fff" opacity=".3"/><rect x="846" y="484" width="98" height="60" rx="6" fill="${palette.planes[2]}"/><path d="M872 484q23 -42 46 0" fill="none" stroke="${palette.planes[3]}" stroke-width="5"/></g>`
    );
  };

const garmentColours = ({ planes, accent, pale }: Palette): readonly (readonly [string, string])[] => [
  [planes[2], pale],
  [pale, planes[0]],
  [accent, planes[3]],
  [planes[1], pale],
];
