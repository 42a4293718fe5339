import { CHANNELS, type Channel } from '../shared/words';
import type { Check, Finding } from './check';
import { altText } from './checks/alt-text';
import { contrast } from './checks/contrast';
import { heroFallback } from './checks/hero-fallback';
import { languageAndTitle } from './checks/language-and-title';
import { links } from './checks/links';
import { noOffer } from './checks/no-offer';
import { personalFallback } from './checks/personal-fallback';
import { preheader } from './checks/preheader';
import { sender } from './checks/sender';
import { subjectLength } from './checks/subject-length';
import { textPart } from './checks/text-part';
import { unresolvedVariables } from './checks/unresolved-variables';
import { unsubscribe } from './checks/unsubscribe';
import { weight } from './checks/weight';
import { missingWords } from './checks/missing-words';
import { smsLength } from './checks/sms-length';
import { smsStop } from './checks/sms-stop';
import { smsLink } from './checks/sms-link';
import { pushLength } from './checks/push-length';
import { transparentWords } from './checks/transparent-words';
import { letterLength } from './checks/letter-length';
import { letterPrice } from './checks/letter-price';
import { letterSender } from './checks/letter-sender';
import type { Observations } from './observations';

export const CHECKS = [
  'missing-words',
  'unresolved-variables',
  'personal-fallback',
  'no-offer',
  'links',
  'alt-text',
  'contrast',
  'weight',
  'unsubscribe',
  'sender',
  'subject-length',
  'preheader',
  'language-and-title',
  'text-part',
  'hero-fallback',
  'sms-length',
  'sms-stop',
  'sms-link',
  'push-length',
  'transparent-words',
  'letter-length',
  'letter-price',
  'letter-sender',
] as const;
export type CheckId = (typeof CHECKS)[number];

interface Registered {
  readonly check: Check;
  readonly channels: readonly Channel[];
}

const LETTERS = ['letter', 'e-letter'] as const;
const ofEmail = (check: Check): Registered => ({ check, channels: ['email'] });
const ofSms = (check: Check): Registered => ({ check, channels: ['sms'] });
const ofLetters = (check: Check): Registered => ({ check, channels: LETTERS });
const ofAll = (check: Check): Registered => ({ check, channels: CHANNELS });

/** Every check, and the channels whose messages it looks at. */
const REGISTRY: Readonly<Record<CheckId, Registered>> = {
  'missing-words': ofAll(missingWords),
  'unresolved-variables': ofAll(unresolvedVariables),
  'personal-fallback': ofAll(personalFallback),
  'no-offer': ofAll(noOffer),
  links: { check: links, channels: ['email', 'sms', 'push', 'in-app'] },
  'alt-text': ofEmail(altText),
  contrast: ofEmail(contrast),
  weight: ofEmail(weight),
  unsubscribe: ofEmail(unsubscribe),
  sender: ofEmail(sender),
  'subject-length': ofEmail(subjectLength),
  preheader: ofEmail(preheader),
  'language-and-title': ofEmail(languageAndTitle),
  'text-part': ofEmail(textPart),
  'hero-fallback': ofEmail(heroFallback),
  'sms-length': ofSms(smsLength),
  'sms-stop': ofSms(smsStop),
  'sms-link': ofSms(smsLink),
  'push-length': { check: pushLength, channels: ['push'] },
  'transparent-words': { check: transparentWords, channels: ['in-app'] },
  'letter-length': ofLetters(letterLength),
  'letter-price': ofLetters(letterPrice),
  'letter-sender': ofLetters(letterSender),
};

/** Whether a check looks at messages of a channel. */
export const looksAt = (check: CheckId, channel: Channel): boolean =>
  REGISTRY[check].channels.includes(channel);

/** Runs every check of the message's channel; each finding once. A blocking one rejects the creative. */
export function runChecks(seen: Observations): Finding[] {
  const findings = CHECKS.filter((check) => looksAt(check, seen.channel)).flatMap((check) =>
    REGISTRY[check].check(seen).map((finding) => ({ check, ...finding })),
  );
  return [...new Map(findings.map((f) => [`${f.check} ${f.message}`, f])).values()];
}

export const isRejected = (findings: readonly Finding[]): boolean =>
  findings.some((f) => f.severity === 'blocking');
