import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { Brand } from '../domain/creatives/ports';
import { fromRoot } from './paths';

const hex = z.string().regex(/^#[0-9a-f]{6}$/, 'a colour as #rrggbb, lower case');

const brandSchema = z.strictObject({
  name: z.string().min(1).max(80),
  sender: z.strictObject({
    name: z.string().min(1).max(80),
    address: z.email(),
    replyTo: z.email().exactOptional(),
  }),
  colours: z.strictObject({ primary: hex, onPrimary: hex, background: hex, text: hex, muted: hex }),
  /** Drawn with `currentColor`, so that it can be set on any ground. */
  logoSvg: z.string().startsWith('<svg').max(20_000),
  legalText: z.string().min(1).max(2_000),
  address: z.string().min(1).max(300),
  privacyUrl: z.url({ protocol: /^https$/ }),
});

/** Reads every brand of a folder; its file's name is its key. Throws naming the file and the fields at fault. */
export function loadBrands(folder: string = fromRoot('config', 'brands')): ReadonlyMap<string, Brand> {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort();
  return new Map(
    files.map((file) => {
      const key = basename(file, '.json');
      const parsed = brandSchema.safeParse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
      if (!parsed.success) {
        const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
        throw new Error(`configuration-invalid\nbrand ${key}: ${faults.join('; ')}`);
      }
      return [key, { key, ...parsed.data }];
    }),
  );
}
