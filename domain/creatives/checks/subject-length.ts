import type { Check } from '../check';

/** Phones show about fifty characters of a subject. */
const SHOWN = 50;

export const subjectLength: Check = ({ variants }) => {
  const longest = Math.max(0, ...variants.map(({ subject }) => [...subject].length));
  if (variants.some(({ subject }) => subject.trim() === '')) {
    return [{ severity: 'blocking', message: 'the subject is empty for somebody', path: 'subject' }];
  }
  return longest > SHOWN
    ? [
        {
          severity: 'warning',
          message: `the subject may be ${longest} characters long; phones show about ${SHOWN}`,
          path: 'subject',
        },
      ]
    : [];
};
