import type { Check } from '../check';

/** What a letter costs must be known before it is approved: a budget would count it for nothing. */
export const letterPrice: Check = ({ letter, unitMicros }) =>
  letter === null || unitMicros !== null
    ? []
    : [
        {
          severity: 'blocking',
          message: `with ${letter.pages} pages it may weigh more than any letter of its kind has a price for (policies, unit-cost)`,
          path: 'text',
        },
      ];
