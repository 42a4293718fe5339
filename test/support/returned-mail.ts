import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ReturnedMailWords {
  readonly returnPath: string;
  readonly messageId: string;
  readonly unsubscribe: string;
}

export type ReturnedMailName =
  | 'postfix-failed'
  | 'postfix-delayed'
  | 'exim-failed'
  | 'exchange-failed'
  | 'gmail-full'
  | 'arf-abuse'
  | 'qmail'
  | 'absence';

/** A mail as that server writes it, about a message of ours; lines end as they do on the wire. */
export function returnedMail(name: ReturnedMailName, words: ReturnedMailWords): Buffer {
  let text = readFileSync(join(__dirname, 'bounces', `${name}.eml`), 'utf8');
  for (const [place, word] of Object.entries(words)) text = text.replaceAll(`{{${place}}}`, word);
  return Buffer.from(text.replaceAll('\n', '\r\n'));
}
