import type { Check } from '../check';

/** Who may refuse such messages is told how, in each of them (article L34-5 CPCE; the operators' code asks for STOP). */
export const smsStop: Check = ({ unsubscribe }) =>
  unsubscribe.required && !unsubscribe.inBody
    ? [
        {
          severity: 'blocking',
          message: 'it does not say how to refuse such messages: set the brand’s smsStop ("STOP au 36180")',
          path: 'brand/smsStop',
        },
      ]
    : [];
