import type { Check } from '../check';

/** WCAG 2.2, 3.1.1 and 2.4.2: a screen reader needs both. */
export const languageAndTitle: Check = ({ lang, title }) => [
  ...(lang.trim() === ''
    ? [
        {
          severity: 'blocking' as const,
          message: 'the message does not say its language',
          path: 'html/@lang',
        },
      ]
    : []),
  ...(title.trim() === ''
    ? [{ severity: 'blocking' as const, message: 'the message has no title', path: 'html/title' }]
    : []),
];
