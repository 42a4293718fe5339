/** What somebody answered by SMS. What is none of the others is `other`: only people read it. */
export type SmsWord = 'stop' | 'help' | 'contact' | 'other';

const STOP = new Set([
  'STOP',
  'STOPALL',
  'ARRET',
  'ARRETER',
  'ARRETEZ',
  'UNSUBSCRIBE',
  'DESABONNER',
  'OPTOUT',
]);
/** Objections only where nothing follows: "cancel my order" is none. Twilio stops sending after each of them. */
const STOP_ALONE = new Set(['END', 'QUIT', 'CANCEL', 'REVOKE', 'DESINSCRIRE']);
const HELP = new Set(['HELP', 'AIDE', 'INFO']);

/**
 * French operators ask that STOP (and CONTACT: who is behind this number) be understood however it is typed: any case,
 * accents, surrounding space or punctuation, and with a short code after it (`STOP 36111`, `STOP au 36111`). In front
 * of a sentence ("stop les pubs") it is a STOP too, since an objection need not be worded well; "non-stop" is none.
 */
export function smsWord(text: string): SmsWord {
  const words = text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== '');
  const first = (words[0] ?? '').replace(/(?<=[A-Z])\d+$/, '');
  if (STOP.has(first) || (words.length === 1 && STOP_ALONE.has(first))) return 'stop';
  if (first === 'CONTACT') return 'contact';
  return HELP.has(first) ? 'help' : 'other';
}
