import { own } from '../shared/own';
import type { KnownProfile } from './merge';

/** A name no origin has: nothing of it went with the other profile. */
const NOTHING: ReadonlySet<string> = new Set();

/**
 * A profile once a merge into it is undone: as it was `before`, but for what has changed since it was left as `after`. That
 * came later and stays, unless it is what is known of the profile that leaves (`gone`, of `goneWith`): it was said of that one.
 */
export function partProfile(
  before: KnownProfile,
  after: KnownProfile,
  now: KnownProfile,
  gone: ReadonlySet<string> = NOTHING,
): KnownProfile {
  const was = new Set(before.doubtful);
  const left = new Set(after.doubtful);
  const is = new Set(now.doubtful);
  const attributesGone = new Set(
    Object.keys(now.attributes).filter((name) => gone.has(`attributes.${name}`)),
  );
  return {
    fields: partRecord(before.fields, after.fields, now.fields, gone),
    attributes: partRecord(before.attributes, after.attributes, now.attributes, attributesGone),
    doubtful: [...new Set([...was, ...is])]
      .filter((name) => (left.has(name) === is.has(name) || gone.has(name) ? was.has(name) : is.has(name)))
      .sort(),
  };
}

/**
 * Names of fields, and `attributes.<name>`, that were said anew since the merge just as the profile that leaves has them: a
 * file that names both identities says the one's after the other's of whoever stands for the two.
 */
export function goneWith(theirs: KnownProfile, after: KnownProfile, now: KnownProfile): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [name, value] of Object.entries(now.fields))
    if (value === own(theirs.fields, name) && value !== own(after.fields, name)) names.add(name);
  for (const [name, value] of Object.entries(now.attributes))
    if (value === own(theirs.attributes, name) && value !== own(after.attributes, name))
      names.add(`attributes.${name}`);
  return names;
}

/** The same, of any record of plain values. */
export function partRecord<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  now: Readonly<Record<string, T>>,
  gone: ReadonlySet<string> = NOTHING,
): Record<string, T> {
  const parted: Record<string, T> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const goesBack = gone.has(name) || own(now, name) === own(after, name);
    const value = goesBack ? own(before, name) : own(now, name);
    if (value !== undefined) parted[name] = value;
  }
  return parted;
}
