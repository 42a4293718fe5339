import { z } from 'zod';
import { storableText } from '../../domain/shared/text';

/** What the calls about tests say of arms alike. */
export const armKey = storableText(60).min(1);
export const people = z.int().min(0).max(1e12);
export const MOST_ARMS = 20;
