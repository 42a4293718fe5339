import { dirname, join } from 'node:path';
import sharp from 'sharp';

/** The fonts come with the project: a server often has none, and a missing one is drawn as empty boxes. */
const fontFolder = join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const FONTS = {
  regular: ['DejaVu Sans', 'DejaVuSans.ttf'],
  bold: ['DejaVu Sans Bold', 'DejaVuSans-Bold.ttf'],
  serif: ['DejaVu Serif', 'DejaVuSerif.ttf'],
} as const;
export type Face = keyof typeof FONTS;

export interface DrawnText {
  readonly input: Buffer;
  readonly width: number;
  readonly height: number;
}

const escapeMarkup = (text: string): string => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);

/** A line or paragraph as a picture, wrapped to `width` pixels; words of nothing are a picture of nothing. */
export async function drawnText(
  words: string,
  face: Face,
  size: number,
  colour: string,
  width: number,
): Promise<DrawnText> {
  const [font, file] = FONTS[face];
  const { data, info } = await sharp({
    text: {
      text: `<span foreground="${colour}">${escapeMarkup(words.trim() === '' ? '\u00a0' : words)}</span>`,
      font: `${font} ${size}`,
      fontfile: join(fontFolder, file),
      width,
      rgba: true,
      wrap: 'word-char',
      spacing: Math.round(size / 3),
    },
  })
    .png()
    .toBuffer({ resolveWithObject: true });
  return { input: data, width: info.width, height: info.height };
}
