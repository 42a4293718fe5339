import type { Check } from '../check';

/** Printers fold and insert this many sheets by machine. */
const MOST = 10;

export const letterLength: Check = ({ letter }) =>
  letter === null || letter.pages <= 2
    ? []
    : [
        {
          severity: letter.pages > MOST ? 'blocking' : 'warning',
          message: `it may take ${letter.pages} pages; each sheet weighs and costs`,
          path: 'text',
        },
      ];
