import type { Check } from '../check';

/** Gmail cuts a message off at about 102 kB of HTML as it travels. */
const CUT_BYTES = 102 * 1_024;
const WARN_BYTES = 80 * 1_024;

export const weight: Check = ({ weightBytes }) => {
  if (weightBytes <= WARN_BYTES) return [];
  return [
    {
      severity: weightBytes > CUT_BYTES ? 'blocking' : 'warning',
      message: `the HTML part weighs ${Math.round(weightBytes / 1_024)} kB; mail clients cut it off at 102 kB`,
      path: 'html',
    },
  ];
};
