import type { Brand } from '../../../domain/creatives/ports';
import { failed, type Composer } from './composed';
import type { Filler } from './filled';

/** Alphanumeric senders are 11 letters, digits and spaces at most (GSMA; 3GPP TS 23.040 §9.1.2.5). */
export const senderOf = (brand: Brand): string =>
  brand.smsSender ??
  brand.name
    .normalize('NFD')
    .replace(/[^A-Za-z0-9 ]/g, '')
    .trim()
    .slice(0, 11);

/** The creative's words alone: a link and the word STOP are in them, tracked like any other. */
export const smsComposer = (fill: Filler, brand: Brand): Composer<'sms'> => {
  const from = senderOf(brand);
  return (delivery, recipient) => {
    if (recipient === undefined || recipient.phone === null) return failed('no-address');
    const filled = fill(delivery, recipient);
    if ('outcome' in filled) return filled;
    return {
      message: {
        deliveryId: delivery.id,
        to: recipient.phone,
        from,
        text: filled.message.text.trim(),
      },
    };
  };
};
