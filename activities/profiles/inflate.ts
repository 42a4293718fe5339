import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BoucleError } from '../../domain/shared/errors';
import { namesOf } from '../failure';

/** Files of people shrink tenfold, sometimes thirtyfold; what grows more than this was made to. */
const MOST_GROWTH = 200;
/** Before so much has come out, growth says nothing. */
const FREE_BYTES = 16 << 20;

/** What was gzipped, piece by piece. Throws csv-unreadable for what is broken, cut off, or a bomb. */
export async function* inflated(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let read = 0;
  let told = 0;
  async function* counted(): AsyncIterable<Uint8Array> {
    for await (const chunk of chunks) {
      read += chunk.length;
      yield chunk;
    }
  }
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  pipeline(Readable.from(counted(), { objectMode: true }), gunzip, () => {});
  try {
    for await (const piece of gunzip) {
      if (!(piece instanceof Uint8Array)) continue;
      told += piece.length;
      if (told > FREE_BYTES && told > read * MOST_GROWTH)
        throw new BoucleError('csv-unreadable', `the gzip grows more than ${MOST_GROWTH}-fold`);
      yield piece;
    }
  } catch (error) {
    throw namesOf(error).code?.startsWith('Z_') === true
      ? new BoucleError('csv-unreadable', 'the gzip is broken or cut off')
      : error;
  }
}
