import type { Channel } from '../shared/words';

/** As people read them. */
export const CHANNEL_NAMES: Readonly<Record<Channel, string>> = {
  email: 'E-mail',
  sms: 'SMS',
  push: 'Push',
  'in-app': 'In-app',
  letter: 'Letter',
  'e-letter': 'E-letter',
};
