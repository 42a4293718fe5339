import type { Check } from '../check';

/** Where somebody may unsubscribe, a link to do so is seen in the message (L34-5 CPCE; the headers go with every send). */
export const unsubscribe: Check = ({ unsubscribe: seen }) =>
  seen.required && !seen.inBody
    ? [{ severity: 'blocking', message: 'no unsubscribe link is seen in the message', path: 'html' }]
    : [];
