import { z } from 'zod';
import { isCurrency } from '../shared/money';
import { storableText } from '../shared/text';

export const PRODUCTS_MAX = 1_000;

export const skuSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, 'letters, digits, dots, dashes and underscores');

/** Something that is sold. Its category is what interests are raised in. */
export const productSchema = z
  .strictObject({
    sku: skuSchema,
    name: storableText(200).min(1),
    category: storableText(60).min(1),
    market: storableText(20).min(1).nullish().describe('null or left out: every market.'),
    priceCents: z.int().min(0).nullish().describe('In minor units of its currency.'),
    currency: z.string().refine(isCurrency, 'no currency has this code').nullish(),
    url: z
      .url({ protocol: /^https$/ })
      .max(2_000)
      .nullish(),
    imageUrl: z
      .url({ protocol: /^https$/ })
      .max(2_000)
      .nullish(),
    active: z.boolean().default(true),
  })
  .refine((product) => (product.priceCents == null) === (product.currency == null), {
    message: 'a price has both an amount and a currency',
    path: ['currency'],
  });
export type Product = z.infer<typeof productSchema>;
