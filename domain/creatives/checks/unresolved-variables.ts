import type { Check } from '../check';

/** What a template leaves behind where a value was missing. `null` and the like only as whole words. */
const LEFTOVER = /\{\{|\}\}|\{%|%\}|\bundefined\b|\bNaN\b|\[object\b|(?<![\p{L}\d])null(?![\p{L}\d])/u;

/** Rendered for the worst people, nothing unresolved is left anywhere a person reads. */
export const unresolvedVariables: Check = ({ variants }) =>
  variants.flatMap((variant) =>
    (['subject', 'preheader', 'visibleText', 'text'] as const).flatMap((field) => {
      const found = LEFTOVER.exec(variant[field]);
      return found
        ? [
            {
              severity: 'blocking' as const,
              message: `"${found[0]}" is left in the ${field} for ${variant.person}`,
              path: field,
            },
          ]
        : [];
    }),
  );
