import { normaliseEmail } from '../profiles/email';
import { normalisePhone } from '../profiles/phone';
import type { Channel } from '../shared/words';
import type { PostalAddress } from './ports';

/**
 * How an address of staff is written, by channel:
 *   email, e-letter  an e-mail address
 *   sms              a telephone number
 *   push             a device's token
 *   in-app           the id of their own profile
 *   letter           lines: name, street, (more,) postcode and city, country as two letters
 * Answers its one spelling, or what is wrong with it.
 */
export function seedAddress(
  channel: Channel,
  address: string,
): { readonly address: string } | { readonly fault: string } {
  switch (channel) {
    case 'email':
    case 'e-letter': {
      const email = normaliseEmail(address);
      return email.ok ? { address: email.value } : { fault: 'is no e-mail address' };
    }
    case 'sms': {
      const phone = normalisePhone(address);
      return phone.ok ? { address: phone.value } : { fault: 'is no telephone number' };
    }
    case 'push':
      return /^[\w:.-]{8,4096}$/.test(address) ? { address } : { fault: 'is no device token' };
    case 'in-app':
      return /^[1-9]\d{0,14}$/.test(address) ? { address } : { fault: 'is no id of a profile' };
    case 'letter': {
      const postal = postalLines(address);
      return postal === null
        ? { fault: 'is not written as name, street, postcode and city, country' }
        : { address: linesOf(postal) };
    }
  }
}

/** A postal address from its lines; null where they are not one. */
export function postalLines(text: string): PostalAddress | null {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length < 4 || lines.length > 5) return null;
  const country = lines.at(-1) ?? '';
  const [, postcode, city] = /^([A-Z0-9][A-Z0-9 -]{1,8}?) +(\D.*)$/i.exec(lines.at(-2) ?? '') ?? [];
  const [name = '', line1 = ''] = lines;
  if (!/^[A-Z]{2}$/.test(country) || postcode === undefined || city === undefined) return null;
  return { name, line1, line2: lines.length === 5 ? (lines[2] ?? null) : null, postcode, city, country };
}

const linesOf = ({ name, line1, line2, postcode, city, country }: PostalAddress): string =>
  [name, line1, line2, `${postcode} ${city}`, country].filter((line) => line !== null).join('\n');
