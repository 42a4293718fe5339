import { own } from '../shared/own';
import type { KnownProfile } from './merge';

/**
 * A profile once a merge into it is undone: as it was `before`, but for what has changed since it was left as `after`. That
 * came later and stays.
 */
export function partProfile(before: KnownProfile, after: KnownProfile, now: KnownProfile): KnownProfile {
  const was = new Set(before.doubtful);
  const left = new Set(after.doubtful);
  const is = new Set(now.doubtful);
  return {
    fields: partRecord(before.fields, after.fields, now.fields),
    attributes: partRecord(before.attributes, after.attributes, now.attributes),
    doubtful: [...new Set([...was, ...is])]
      .filter((name) => (left.has(name) === is.has(name) ? was.has(name) : is.has(name)))
      .sort(),
  };
}

/** The same, of any record of plain values. */
export function partRecord<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  now: Readonly<Record<string, T>>,
): Record<string, T> {
  const parted: Record<string, T> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const value = own(now, name) === own(after, name) ? own(before, name) : own(now, name);
    if (value !== undefined) parted[name] = value;
  }
  return parted;
}
