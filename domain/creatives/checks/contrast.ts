import type { Check } from '../check';

/** WCAG 2.2, 1.4.3 (AA): 4.5 : 1, or 3 : 1 for large text. */
export const contrast: Check = ({ contrasts }) =>
  contrasts.flatMap(({ name, foreground, background, ratio, large }) => {
    const least = large ? 3 : 4.5;
    if (ratio >= least) return [];
    return [
      {
        severity: 'blocking' as const,
        message: `${name}: ${foreground} on ${background} has a contrast of ${ratio.toFixed(2)} : 1, at least ${least} : 1 is needed`,
        path: 'html',
      },
    ];
  });
