import type { Check, Finding } from './check';
import { altText } from './checks/alt-text';
import { contrast } from './checks/contrast';
import { heroFallback } from './checks/hero-fallback';
import { languageAndTitle } from './checks/language-and-title';
import { links } from './checks/links';
import { personalFallback } from './checks/personal-fallback';
import { preheader } from './checks/preheader';
import { sender } from './checks/sender';
import { subjectLength } from './checks/subject-length';
import { textPart } from './checks/text-part';
import { unresolvedVariables } from './checks/unresolved-variables';
import { unsubscribe } from './checks/unsubscribe';
import { weight } from './checks/weight';
import type { Observations } from './observations';

export const CHECKS = [
  'unresolved-variables',
  'personal-fallback',
  'alt-text',
  'contrast',
  'weight',
  'unsubscribe',
  'sender',
  'links',
  'subject-length',
  'preheader',
  'language-and-title',
  'text-part',
  'hero-fallback',
] as const;
export type CheckId = (typeof CHECKS)[number];

const REGISTRY: Readonly<Record<CheckId, Check>> = {
  'unresolved-variables': unresolvedVariables,
  'personal-fallback': personalFallback,
  'alt-text': altText,
  contrast,
  weight,
  unsubscribe,
  sender,
  links,
  'subject-length': subjectLength,
  preheader,
  'language-and-title': languageAndTitle,
  'text-part': textPart,
  'hero-fallback': heroFallback,
};

/** Runs every check of the registry; each finding once. A blocking one rejects the creative. */
export function runChecks(seen: Observations): Finding[] {
  const findings = CHECKS.flatMap((check) => REGISTRY[check](seen).map((finding) => ({ check, ...finding })));
  return [...new Map(findings.map((f) => [`${f.check} ${f.message}`, f])).values()];
}

export const isRejected = (findings: readonly Finding[]): boolean =>
  findings.some((f) => f.severity === 'blocking');
