import type { Palette } from '../hero-palettes';

/** Draws 1200 × 600 in SVG. `random` is seeded: equal guidelines give equal bytes. */
export type Scene = (palette: Palette, random: () => number) => string;

/** Vertical gradient, colours from top to bottom. */
export const gradient = (id: string, colours: readonly string[]): string => {
  const stops = colours.map(
    (c, i) => `<stop offset="${(i / Math.max(1, colours.length - 1)).toFixed(2)}" stop-color="${c}"/>`,
  );
  return `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1">${stops.join('')}</linearGradient>`;
};

/** Light that fades outward. */
export const glow = (id: string, colour: string, opacity: number): string =>
  `<radialGradient id="${id}"><stop offset="0" stop-color="${colour}" stop-opacity="${opacity}"/>` +
  `<stop offset=".45" stop-color="${colour}" stop-opacity="${(opacity * 0.35).toFixed(2)}"/>` +
  `<stop offset="1" stop-color="${colour}" stop-opacity="0"/></radialGradient>`;

export const between = (random: () => number, from: number, to: number): number =>
  Math.round((from + random() * (to - from)) * 10) / 10;
