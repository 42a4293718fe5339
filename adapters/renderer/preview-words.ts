import sharp from 'sharp';
import type { Brand } from '../../domain/creatives/ports';
import type { Channel } from '../../domain/shared/words';
import { drawnText, type DrawnText, type Face } from './drawn-text';

export interface WordsPreviewInput {
  readonly brand: Brand;
  readonly channel: Exclude<Channel, 'email'>;
  readonly subject: string;
  readonly text: string;
  readonly ctaLabel: string;
  /** Said instead to who did not agree to being profiled. */
  readonly transparent: { readonly title: string; readonly body: string } | null;
}

const WIDTH = 600;
const MARGIN = 32;
/** A letter's card shows its head and first lines; the page has the whole. */
const LETTER_HEIGHT = 700;

interface Block {
  readonly words: string;
  readonly face: Face;
  readonly size: number;
  readonly colour: string;
  /** Pixels below it. */
  readonly gap: number;
  /** The ground of a button around it. */
  readonly button?: string;
}

interface Card {
  readonly blocks: readonly Block[];
  readonly left: number;
  readonly width: number;
  readonly padding: number;
  readonly fill: string;
  readonly radius: number;
}

/** What an approver sees at a glance of a message without pictures, as PNG, 600 px wide, as its channel shows it. */
export async function previewWords(input: WordsPreviewInput): Promise<Buffer> {
  const { ground, cards } = sheetOf(input);
  const shapes: string[] = [];
  const placed: { input: Buffer; left: number; top: number }[] = [];
  let y = MARGIN;
  for (const card of cards) {
    const inner = card.width - 2 * card.padding;
    const drawn = await Promise.all(
      card.blocks.map(async (block) => ({
        block,
        picture: await drawnText(block.words, block.face, block.size, block.colour, inner),
      })),
    );
    const top = y;
    y += card.padding;
    const words: string[] = [];
    for (const { block, picture } of drawn) {
      const pad = block.button === undefined ? 0 : 14;
      if (block.button !== undefined)
        words.push(buttonShape(card.left + card.padding, y, picture, block.button));
      placed.push({
        input: picture.input,
        left: card.left + card.padding + pad * 2,
        top: y + pad,
      });
      y += picture.height + 2 * pad + block.gap;
    }
    y += card.padding;
    shapes.push(
      `<rect x="${card.left}" y="${top}" width="${card.width}" height="${y - top}" rx="${card.radius}" fill="${card.fill}"/>`,
      ...words,
    );
    y += 20;
  }
  const whole = y - 20 + MARGIN;
  const height = input.channel.endsWith('letter') ? Math.min(whole, LETTER_HEIGHT) : whole;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${whole}"><rect width="100%" height="100%" fill="${ground}"/>${shapes.join('')}</svg>`;
  const png = await sharp(Buffer.from(svg)).composite(placed).png().toBuffer();
  return sharp(png).extract({ left: 0, top: 0, width: WIDTH, height }).png().toBuffer();
}

const buttonShape = (x: number, y: number, { width, height }: DrawnText, fill: string): string =>
  `<rect x="${x}" y="${y}" width="${width + 56}" height="${height + 28}" rx="${(height + 28) / 2}" fill="${fill}"/>`;

/** Ground and cards of a channel, from top to bottom. */
function sheetOf(input: WordsPreviewInput): { readonly ground: string; readonly cards: readonly Card[] } {
  const { brand, channel, subject, text, ctaLabel, transparent } = input;
  const { primary, onPrimary, background, muted, text: ink } = brand.colours;
  const wide = { left: MARGIN, width: WIDTH - 2 * MARGIN };
  switch (channel) {
    case 'sms':
      return {
        ground: '#ffffff',
        cards: [
          {
            ...wide,
            padding: 0,
            fill: '#ffffff',
            radius: 0,
            blocks: [
              { words: brand.smsSender ?? brand.name, face: 'bold', size: 12, colour: '#5f6368', gap: 0 },
            ],
          },
          {
            left: MARGIN,
            width: 430,
            padding: 20,
            fill: '#e9e9eb',
            radius: 22,
            blocks: [{ words: text, face: 'regular', size: 14, colour: '#111111', gap: 0 }],
          },
        ],
      };
    case 'push':
      return {
        ground: primary,
        cards: [
          {
            ...wide,
            padding: 22,
            fill: '#ffffff',
            radius: 24,
            blocks: [
              { words: brand.name, face: 'regular', size: 11, colour: '#5f6368', gap: 12 },
              { words: subject, face: 'bold', size: 14, colour: '#111111', gap: 8 },
              { words: text, face: 'regular', size: 13, colour: '#333333', gap: 0 },
            ],
          },
        ],
      };
    case 'in-app': {
      const banner = (title: string, body: string): Card => ({
        ...wide,
        padding: 24,
        fill: '#ffffff',
        radius: 14,
        blocks: [
          { words: title, face: 'serif', size: 18, colour: primary, gap: 12 },
          { words: body, face: 'regular', size: 13, colour: ink, gap: 18 },
          { words: ctaLabel, face: 'bold', size: 12, colour: onPrimary, gap: 0, button: primary },
        ],
      });
      const note: Card = {
        ...wide,
        padding: 0,
        fill: background,
        radius: 0,
        blocks: [
          { words: 'Without consent to profiling:', face: 'regular', size: 11, colour: muted, gap: 0 },
        ],
      };
      return {
        ground: background,
        cards: [
          banner(subject, text),
          ...(transparent === null ? [] : [note, banner(transparent.title, transparent.body)]),
        ],
      };
    }
    case 'letter':
    case 'e-letter':
      return {
        ground: '#d9d9d9',
        cards: [
          {
            left: 40,
            width: WIDTH - 80,
            padding: 44,
            fill: '#ffffff',
            radius: 2,
            blocks: [
              { words: senderLines(brand), face: 'regular', size: 9, colour: '#444444', gap: 34 },
              { words: subject, face: 'bold', size: 11, colour: '#111111', gap: 18 },
              { words: text, face: 'serif', size: 10, colour: '#111111', gap: 24 },
              { words: brand.name, face: 'serif', size: 10, colour: '#111111', gap: 0 },
            ],
          },
        ],
      };
  }
}

const senderLines = ({ name, postal }: Brand): string =>
  postal === undefined
    ? name
    : [postal.name, postal.line1, postal.line2, `${postal.postcode} ${postal.city}`]
        .filter((line) => line !== null)
        .join('\n');
