import type { Check } from '../check';

export const heroFallback: Check = ({ heroIsFallback }) =>
  heroIsFallback
    ? [
        {
          severity: 'warning',
          message: 'the picture asked for could not be made: a plain one stands in',
          path: 'hero',
        },
      ]
    : [];
