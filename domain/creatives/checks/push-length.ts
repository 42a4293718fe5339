import type { Check } from '../check';

/** What a locked phone shows, and what the scenario may hold at most; a name may make it longer. */
const TITLE = { shown: 45, most: 80 } as const;
const BODY = { shown: 150, most: 280 } as const;

export const pushLength: Check = ({ variants }) => {
  const longest = (words: readonly string[]): number => Math.max(0, ...words.map((text) => [...text].length));
  return [
    { path: 'subject', name: 'title', limit: TITLE, length: longest(variants.map((v) => v.subject)) },
    { path: 'text', name: 'body', limit: BODY, length: longest(variants.map((v) => v.text)) },
  ].flatMap(({ path, name, limit, length }) =>
    length <= limit.shown
      ? []
      : [
          {
            severity: length > limit.most ? ('blocking' as const) : ('warning' as const),
            message: `the ${name} may be ${length} characters long; a locked phone shows about ${limit.shown}`,
            path,
          },
        ],
  );
};
