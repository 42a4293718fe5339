import type { Content } from '../../domain/campaigns/scenario';

export type PaletteName = Content['heroPalette'];

/** Colours of a scene, from the sky or wall down to what stands nearest. */
export interface Palette {
  readonly sky: readonly [string, string, string];
  /** Sun, moon or the light of a lamp. */
  readonly light: string;
  /** Four planes, from the farthest to the nearest. */
  readonly planes: readonly [string, string, string, string];
  readonly accent: string;
  readonly pale: string;
  readonly dark: boolean;
}

export const PALETTES: Readonly<Record<PaletteName, Palette>> = {
  warm: {
    sky: ['#fbe6cf', '#f6c9a0', '#eda27b'],
    light: '#fff4df',
    planes: ['#e59a78', '#cb7458', '#9c4a41', '#5d2c35'],
    accent: '#e9b872',
    pale: '#fdf1e2',
    dark: false,
  },
  cool: {
    sky: ['#eef4f5', '#cfe0e6', '#a9c6d1'],
    light: '#ffffff',
    planes: ['#9dbdc9', '#6f9aab', '#42708a', '#1f4358'],
    accent: '#e7c9a1',
    pale: '#f6fafa',
    dark: false,
  },
  night: {
    sky: ['#10142f', '#272757', '#5a4478'],
    light: '#ffe9b8',
    planes: ['#3b3766', '#2b2a55', '#1c1d41', '#0e1029'],
    accent: '#f0b95b',
    pale: '#7a6a9c',
    dark: true,
  },
  spring: {
    sky: ['#fdf7ec', '#fae3da', '#dfe9cf'],
    light: '#fffbe9',
    planes: ['#c8ddb2', '#98bf8f', '#5f9377', '#2d6455'],
    accent: '#eb9a9a',
    pale: '#fffaf2',
    dark: false,
  },
};
