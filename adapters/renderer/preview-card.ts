import sharp from 'sharp';
import type { Brand } from '../../domain/creatives/ports';
import { drawnText, type DrawnText, type Face } from './drawn-text';

export interface PreviewInput {
  readonly brand: Brand;
  readonly subject: string;
  readonly preheader: string;
  readonly headline: string;
  readonly ctaLabel: string;
  readonly hero: Uint8Array;
  readonly logo: Uint8Array;
}

const WIDTH = 600;
const HERO_HEIGHT = 300;
const MARGIN = 32;
const LOGO_HEIGHT = 36;
const BAND_HEIGHT = 72;

/** A line or paragraph of the card, wrapped to its width. */
const text = (words: string, face: Face, size: number, colour: string): Promise<DrawnText> =>
  drawnText(words, face, size, colour, WIDTH - 2 * MARGIN);

/**
 * What an approver sees at a glance, as PNG, 600 px wide: the inbox line, the logo on its ground, the hero, the headline and the
 * call to action. The whole message is on the campaign page.
 */
export async function previewCard(input: PreviewInput): Promise<Buffer> {
  const { brand } = input;
  const { primary, onPrimary, text: ink, muted } = brand.colours;
  const [from, subject, preheader, headline, label] = await Promise.all([
    text(brand.sender.name, 'bold', 11, muted),
    text(input.subject, 'bold', 15, ink),
    text(input.preheader, 'regular', 12, muted),
    text(input.headline, 'serif', 21, primary),
    text(input.ctaLabel, 'bold', 13, onPrimary),
  ]);
  const logo = await sharp(input.logo)
    .resize({ width: 300, height: LOGO_HEIGHT, fit: 'inside' })
    .png()
    .toBuffer({ resolveWithObject: true });
  const hero = await sharp(input.hero).resize(WIDTH, HERO_HEIGHT).png().toBuffer();

  let y = MARGIN;
  const at = <T extends { height: number }>(
    block: T,
    gap: number,
  ): { left: number; top: number; block: T } => {
    const placed = { left: MARGIN, top: y, block };
    y += block.height + gap;
    return placed;
  };
  const inbox = [at(from, 8), at(subject, 8), at(preheader, 22)];
  const bandTop = y;
  const heroTop = bandTop + BAND_HEIGHT;
  y = heroTop + HERO_HEIGHT + 28;
  const head = at(headline, 24);
  const button = { top: y, width: label.width + 56, height: label.height + 30 };
  const height = y + button.height + MARGIN;

  const ground = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}"><rect width="100%" height="100%" fill="#ffffff"/><rect y="${bandTop}" width="100%" height="${BAND_HEIGHT}" fill="${primary}"/><rect x="${MARGIN}" y="${button.top}" width="${button.width}" height="${button.height}" rx="${button.height / 2}" fill="${primary}"/><rect x=".5" y=".5" width="${WIDTH - 1}" height="${height - 1}" fill="none" stroke="#000000" stroke-opacity=".12"/></svg>`;
  return sharp(Buffer.from(ground))
    .composite([
      ...[...inbox, head].map(({ left, top, block }) => ({ input: block.input, left, top })),
      {
        input: logo.data,
        left: Math.round((WIDTH - logo.info.width) / 2),
        top: bandTop + Math.round((BAND_HEIGHT - logo.info.height) / 2),
      },
      { input: hero, left: 0, top: heroTop },
      { input: label.input, left: MARGIN + 28, top: button.top + 15 },
    ])
    .png()
    .toBuffer();
}
