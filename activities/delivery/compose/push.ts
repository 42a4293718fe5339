import { failed, type Composer } from './composed';
import type { Filler } from './filled';

/** To every device of the person; the subject is the title. */
export const pushComposer =
  (fill: Filler): Composer<'push'> =>
  (delivery, recipient) => {
    if (recipient === undefined || recipient.tokens.length === 0) return failed('no-address');
    const filled = fill(delivery, recipient);
    if ('outcome' in filled) return filled;
    const { message, url } = filled;
    return {
      message: {
        deliveryId: delivery.id,
        tokens: recipient.tokens,
        title: message.subject,
        body: message.text.trim(),
        url,
      },
    };
  };
