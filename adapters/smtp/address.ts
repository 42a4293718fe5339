import { domainToASCII } from 'node:url';
import { memoised } from '../renderer/memoised';

/** Local part and domain as the wire takes them; quotes, blanks and control characters are refused, not escaped. */
const ADDRESS =
  /^[^\s"(),:;<>@[\\\]\u0000-\u001f\u007f]{1,64}@([^\s"(),:;<>@[\\\]\u0000-\u001f\u007f]{1,253})$/u;
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const asciiDomain = memoised((domain) => {
  const ascii = domainToASCII(domain);
  return DOMAIN.test(ascii) ? ascii : null;
});

/**
 * The address with its domain in ASCII (IDNA), or null when no relay could take it. A local part outside ASCII needs
 * SMTPUTF8 all the way to the mailbox: refused here rather than bounced later.
 */
export function wireAddress(address: string): string | null {
  const match = ADDRESS.exec(address.trim());
  if (match === null) return null;
  const local = match[0].slice(0, match[0].lastIndexOf('@'));
  const domain = asciiDomain(match[1] ?? '');
  if (domain === null || /[^\x21-\x7e]/.test(local) || /^\.|\.\.|\.$/.test(local)) return null;
  return `${local}@${domain}`;
}
