import { z } from 'zod';

/** Text PostgreSQL can hold: a NUL or a lone surrogate in a parameter is an error there, not a value. */
export const STORABLE = /^[^\u0000\p{Cs}]*$/u;

export const storableText = (max: number): z.ZodString =>
  z.string().max(max).regex(STORABLE, 'holds a NUL or a lone surrogate');
