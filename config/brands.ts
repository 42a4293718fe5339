import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { Brand } from '../domain/creatives/ports';
import { NATURES } from '../domain/shared/words';
import { fromRoot } from './paths';

const hex = z.string().regex(/^#[0-9a-f]{6}$/, 'a colour as #rrggbb, lower case');

const senderFields = {
  name: z.string().min(1).max(80),
  address: z.email(),
  replyTo: z.email().exactOptional(),
};

const brandSchema = z.strictObject({
  name: z.string().min(1).max(80),
  sender: z.strictObject({
    ...senderFields,
    bounceDomain: z.hostname().lowercase().exactOptional(),
    unsubscribeMailbox: z.email().exactOptional(),
  }),
  senders: z.partialRecord(z.enum(NATURES), z.strictObject(senderFields)).exactOptional(),
  colours: z.strictObject({ primary: hex, onPrimary: hex, background: hex, text: hex, muted: hex }),
  /** Drawn with `currentColor`, so that it can be set on any ground. */
  logoSvg: z.string().startsWith('<svg').max(20_000),
  smsStop: z
    .string()
    .regex(/\bSTOP\b/, 'says STOP')
    .max(40)
    .exactOptional(),
  smsSender: z
    .string()
    .regex(/^(\+?\d{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/, 'a number, or 11 letters and digits')
    .exactOptional(),
  postal: z
    .strictObject({
      name: z.string().min(1).max(38),
      line1: z.string().min(1).max(38),
      line2: z.string().max(38).nullable().default(null),
      postcode: z.string().min(2).max(10),
      city: z.string().min(1).max(30),
      country: z.string().regex(/^[A-Z]{2}$/, 'two capital letters (ISO 3166-1)'),
    })
    .exactOptional(),
  offerTerms: z.string().min(1).max(2_000).exactOptional(),
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
