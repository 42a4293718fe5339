import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Brand } from '../../domain/creatives/ports';
import type { EffectiveContent } from '../../domain/creatives/effective-content';
import { HERO, heroScene } from './hero-scene';

// One thread a picture and as many pictures at once as the queue allows: measured no slower, and less memory.
sharp.concurrency(1);
sharp.cache(false);

const JPEG = { quality: 80, progressive: true } as const;
/** A file of the pictures folder and nothing above it. */
const PICTURE_NAME = /^[\w][\w.-]{0,120}\.(jpe?g|png|webp)$/i;

export interface Hero {
  readonly bytes: Uint8Array;
  readonly contentType: 'image/jpeg';
  /** The picture asked for could not be made: this is the brand's plain ground instead. */
  readonly isFallback: boolean;
}

/** 1200×600 for a 600 px column (twice, for dense screens), JPEG: WebP and SVG are not safe in mail clients. */
export async function renderHero(
  content: EffectiveContent,
  brand: Brand,
  picturesDir: string,
): Promise<Hero> {
  try {
    const bytes = content.heroAsset ? await fromFile(content.heroAsset, picturesDir) : await drawn(content);
    return { bytes, contentType: 'image/jpeg', isFallback: false };
  } catch {
    return { bytes: await plainGround(brand), contentType: 'image/jpeg', isFallback: true };
  }
}

async function fromFile(name: string, picturesDir: string): Promise<Buffer> {
  if (!PICTURE_NAME.test(name)) throw new Error('not a picture of the folder');
  const file = await readFile(join(picturesDir, name));
  return sharp(file, { limitInputPixels: 50_000_000 })
    .resize(HERO.width, HERO.height, { fit: 'cover' })
    .jpeg(JPEG)
    .toBuffer();
}

const drawn = (content: EffectiveContent): Promise<Buffer> =>
  sharp(Buffer.from(heroScene(content.heroPalette, content.heroAlt, content.visualGuideline)))
    .jpeg(JPEG)
    .toBuffer();

const plainGround = ({ colours }: Brand): Promise<Buffer> =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${HERO.width}" height="${HERO.height}"><defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="${colours.background}"/><stop offset="1" stop-color="${colours.primary}"/></linearGradient></defs><rect width="100%" height="100%" fill="url(#g)"/></svg>`,
    ),
  )
    .jpeg(JPEG)
    .toBuffer();

const LOGO_HEIGHT_PX = 40;
/** Leaves room at both sides on the narrowest phones. */
const LOGO_WIDEST_PX = 280;

/** The logo for the brand's own ground, at twice the size it is shown: mail clients take no SVG. */
export async function renderLogo({
  logoSvg,
  colours,
}: Brand): Promise<{ readonly bytes: Uint8Array; readonly widthPx: number }> {
  const { data, info } = await sharp(Buffer.from(logoSvg.replaceAll('currentColor', colours.onPrimary)), {
    density: 216,
  })
    .resize({ width: LOGO_WIDEST_PX * 2, height: LOGO_HEIGHT_PX * 2, fit: 'inside' })
    .png({ palette: true })
    .toBuffer({ resolveWithObject: true });
  return { bytes: data, widthPx: Math.round(info.width / 2) };
}
