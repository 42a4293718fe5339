import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobStore } from '../../domain/creatives/ports';

const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Blobs as files named by their SHA-256, two levels deep so that no folder grows long. Written beside and renamed:
 * a reader sees a whole file or none. Answers null for what is not a hash.
 */
export function createDiskBlobStore(folder: string): BlobStore {
  const pathOf = (sha256: string): string => join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  const exists = (path: string): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );
  return {
    async put(bytes) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const path = pathOf(sha256);
      if (await exists(path)) return sha256;
      await mkdir(dirname(path), { recursive: true });
      const half = `${path}.${randomBytes(6).toString('hex')}.half`;
      await writeFile(half, bytes);
      await rename(half, path);
      return sha256;
    },
    async get(sha256) {
      if (!SHA256.test(sha256)) return null;
      return readFile(pathOf(sha256)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
    },
  };
}
