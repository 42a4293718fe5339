import type { Check } from '../check';

/** What a template leaves behind where a value was missing. `null` and the like only as whole words. */
const LEFTOVER = /\{\{|\}\}|\{%|%\}|\bundefined\b|\bNaN\b|\[object\b|(?<![\p{L}\d])null(?![\p{L}\d])/u;

const FIELDS = ['subject', 'preheader', 'visibleText', 'text'] as const;

/** Rendered for the worst people, nothing unresolved is left anywhere a person reads. Each leftover is told once. */
export const unresolvedVariables: Check = ({ variants }) =>
  FIELDS.flatMap((field) => {
    const left = new Map<string, string>();
    for (const variant of variants) {
      const [found] = LEFTOVER.exec(variant[field]) ?? [];
      if (found !== undefined && !left.has(found)) left.set(found, variant.person);
    }
    return [...left].map(([found, person]) => ({
      severity: 'blocking',
      message: `"${found}" is left in the ${field} for ${person}`,
      path: field,
    }));
  });
