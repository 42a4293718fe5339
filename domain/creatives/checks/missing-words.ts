import type { Check } from '../check';

/** Channels whose messages have a subject or a title; an SMS has none. */
const TITLED = new Set(['push', 'in-app', 'letter', 'e-letter']);

/** Every channel a step may use has its words, for everybody. An e-mail's are looked at one by one elsewhere. */
export const missingWords: Check = ({ channel, missing, variants }) => [
  ...missing.map((path) => ({
    severity: 'blocking' as const,
    message: `nobody wrote what this says by ${channel}: content.${path} is missing`,
    path: `content/${path}`,
  })),
  ...(channel === 'email' ? [] : variants)
    .filter(({ subject, text }) => text.trim() === '' || (TITLED.has(channel) && subject.trim() === ''))
    .map(({ person }) => ({
      severity: 'blocking' as const,
      message: `there is nothing to read for ${person}`,
      path: 'text',
    })),
];
