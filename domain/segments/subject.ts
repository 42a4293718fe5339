import { own } from '../shared/own';
import type { Channel } from '../shared/words';
import { isDerived } from './derived';

export type AttributeValue = string | number | boolean | null;

export interface SubjectEvent {
  readonly type: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly valueCents: number | null;
  readonly properties: Readonly<Record<string, AttributeValue>>;
}

export interface SubjectConsent {
  readonly purpose: string;
  readonly channel: string;
  readonly granted: boolean;
  /** ISO 8601. */
  readonly expiresAt: string | null;
}

/** What a rule can read of one person. */
export interface RuleSubject {
  readonly area: string | null;
  readonly market: string;
  readonly locale: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly derived: Readonly<Record<string, AttributeValue>>;
  readonly events: readonly SubjectEvent[];
  readonly consents: readonly SubjectConsent[];
  /** Weights by category (./interest.ts). */
  readonly interests: Readonly<Record<string, number>>;
  readonly reachable: readonly Channel[];
}

/** Attributes that are columns of the profile; they hide attributes of the same name. */
export const COLUMN_ATTRIBUTES = ['area', 'market', 'locale'] as const;

export function valueOf(subject: RuleSubject, name: string): AttributeValue {
  if (isDerived(name)) return own(subject.derived, name) ?? null;
  const column = COLUMN_ATTRIBUTES.find((c) => c === name);
  return column === undefined ? (own(subject.attributes, name) ?? null) : subject[column];
}
