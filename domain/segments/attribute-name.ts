import { z } from 'zod';

/** An attribute as rules name it. */
export const attributeName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, 'an attribute name: lower-case letters, digits, underscores');
