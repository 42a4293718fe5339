import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDiskBlobStore } from '../../../adapters/assets/disk-blob-store';
import { loadBrands } from '../../../config/brands';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'blobs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a blob is kept once, whole, under its own hash', async () => {
  const blobs = createDiskBlobStore(folder);
  const bytes = Buffer.from('une image');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  expect(await Promise.all(Array.from({ length: 8 }, () => blobs.put(bytes, 'image/png')))).toEqual(
    Array(8).fill(sha256),
  );
  expect(Buffer.from((await blobs.get(sha256)) ?? [])).toEqual(bytes);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  expect(files.map((file) => file.name)).toEqual([sha256]);
});

test.each(['../../etc/passwd', 'A'.repeat(64), '', 'ab'])('%j is no hash and reads nothing', async (name) => {
  await writeFile(join(folder, 'ab'), 'x');
  expect(await createDiskBlobStore(folder).get(name)).toBeNull();
});

test('the brands that come with it can be read; one at fault is named with its field', async () => {
  expect([...loadBrands().keys()]).toEqual(['maison-lumen', 'minethatdata-demo']);
  await writeFile(
    join(folder, 'fausse.json'),
    JSON.stringify({ name: 'Fausse', colours: { primary: 'red' } }),
  );
  expect(() => loadBrands(folder)).toThrow(/brand fausse: .*colours\.primary/);
});
