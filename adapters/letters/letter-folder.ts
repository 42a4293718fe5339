import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutgoingLetter } from '../../domain/delivery/ports';

export interface StoredLetter {
  readonly bytes: Buffer;
  readonly sha256: string;
  /** false: the letter was there already, and stays as it is. */
  readonly made: boolean;
}

/** Of a delivery, in the folder of its campaign. */
export const letterFile = (letter: Pick<OutgoingLetter, 'deliveryId'>): string => `d${letter.deliveryId}.pdf`;

export const campaignFolder = (folder: string, campaignId: string): string =>
  join(folder, campaignId.replace(/[^\w-]/g, '_'));

/**
 * Keeps a delivery's PDF under its id, once: the first one stays, so that the same delivery is the same letter however
 * often it is handed over. Written beside, flushed and linked: a reader sees a whole file or none.
 */
export async function storeLetter(
  folder: string,
  letter: OutgoingLetter,
  pdf: Buffer,
): Promise<StoredLetter> {
  const home = campaignFolder(folder, letter.campaignId);
  await mkdir(home, { recursive: true });
  const path = join(home, letterFile(letter));
  const half = `${path}.${randomBytes(6).toString('hex')}.half`;
  const file = await open(half, 'wx');
  try {
    await file.writeFile(pdf);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(half, path);
    return { bytes: pdf, sha256: sha256(pdf), made: true };
  } catch (fault) {
    if (!isThere(fault)) throw fault;
    const bytes = await readFile(path);
    return { bytes, sha256: sha256(bytes), made: false };
  } finally {
    await unlink(half);
  }
}

export const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

const isThere = (fault: unknown): boolean =>
  typeof fault === 'object' && fault !== null && 'code' in fault && fault.code === 'EEXIST';
