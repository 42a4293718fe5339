/** The card the words stand on in light, and the whole of dark: a brand's own colours are too few for both. */
export const SURFACE = '#ffffff';
export const DARK = {
  ground: '#121517',
  surface: '#1d2225',
  raised: '#272e31',
  text: '#efece5',
  muted: '#b6bab6',
} as const;
