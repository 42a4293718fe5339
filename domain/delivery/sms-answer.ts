import type { SmsWord } from './sms-word';

interface Writer {
  readonly name: string;
  readonly address: string;
}

/**
 * What is answered to a word sent by SMS; null: nothing. Who writes must be told to whoever asks (CONTACT), and how it
 * is stopped (HELP); a STOP is obeyed in silence, since the operator confirms it.
 */
export function smsAnswer(word: SmsWord, writer: Writer | null, locale: string): string | null {
  if (writer === null || word === 'stop' || word === 'other') return null;
  const english = /^en\b/i.test(locale);
  const stop = english
    ? 'Reply STOP to receive no more texts from us.'
    : 'Répondez STOP pour ne plus recevoir nos SMS.';
  // The address starts with the name as brands write it; said twice, it would cost a second segment.
  const who = writer.address.startsWith(writer.name) ? writer.address : `${writer.name}, ${writer.address}`;
  return word === 'contact' ? `${who}. ${stop}` : `${writer.name}. ${stop}`;
}
