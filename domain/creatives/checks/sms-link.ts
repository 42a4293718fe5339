import type { Check } from '../check';

/** Half of a segment. */
const LONG = 80;

export const smsLink: Check = ({ sms }) => {
  if (sms === null) return [];
  if (sms.linkLength === 0)
    return [{ severity: 'info', message: 'it leads nowhere: no {{ link }} is written', path: 'text' }];
  return sms.linkLength > LONG
    ? [
        {
          severity: 'warning',
          message: `the tracked link is ${sms.linkLength} characters long: a shorter PUBLIC_URL leaves room for words`,
          path: 'links[0]',
        },
      ]
    : [];
};
