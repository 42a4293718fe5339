import type { Check } from '../check';

export const preheader: Check = ({ variants }) => {
  const [first] = variants;
  if (first === undefined) return [];
  if (first.preheader.trim() === first.subject.trim()) {
    return [{ severity: 'warning', message: 'the preheader repeats the subject', path: 'preheader' }];
  }
  const length = [...first.preheader].length;
  return length < 20 || length > 120
    ? [
        {
          severity: 'warning',
          message: `the preheader is ${length} characters long; 40 to 100 read best`,
          path: 'preheader',
        },
      ]
    : [];
};
