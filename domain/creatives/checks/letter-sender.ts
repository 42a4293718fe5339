import type { Check } from '../check';

/** A letter says whom it is from, and comes back there when nobody is found. */
export const letterSender: Check = ({ letter }) =>
  letter === null || letter.hasSenderAddress
    ? []
    : [
        {
          severity: 'blocking',
          message: 'the brand has no postal address to send from',
          path: 'brand/postal',
        },
      ];
