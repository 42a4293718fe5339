import { areaFromPostcode } from './area';
import type { ConsistencyRule } from './consistency';
import type { KnownProfile } from './merge';
import type { ProfilePatch } from './profile-patch';

type Values = Pick<KnownProfile, 'fields' | 'attributes'>;

/** A rule over one record, ready to be asked. Names are fields and `attributes.<name>`. */
export interface RecordRule {
  readonly reads: readonly string[];
  /** What it may doubt. */
  readonly doubts: readonly string[];
  /** What it does doubt. */
  readonly breach: (values: Values, today: string) => readonly string[];
}

const NONE: readonly string[] = [];

/** Those of the rules that ask one record at a time. */
export const recordRules = (rules: readonly ConsistencyRule[]): RecordRule[] =>
  rules.flatMap((rule) => compiled(rule) ?? []);

/**
 * Which values are not to be believed once a record is written, of those the rules can tell by what was `said` now: a
 * breach is a doubt, whether the value is new or not; a doubt goes once a value it hangs on has changed and no rule doubts
 * it any more. What was not said keeps the doubts it had. `today`: ISO 8601 day.
 */
export function doubtsOf(
  rules: readonly RecordRule[],
  before: KnownProfile,
  next: Values,
  said: ProfilePatch,
  today: string,
): readonly string[] {
  if (rules.length === 0 && before.doubtful.length === 0) return NONE;
  const doubted = new Set<string>();
  const cleared = new Set<string>();
  for (const name of before.doubtful) if (changed(before, next, name)) cleared.add(name);
  for (const { reads, doubts, breach } of rules) {
    if (!reads.some((name) => valueOf(said, name) !== undefined)) continue;
    for (const name of breach(next, today)) doubted.add(name);
    if (reads.some((name) => changed(before, next, name))) for (const name of doubts) cleared.add(name);
  }
  return [...new Set([...before.doubtful.filter((name) => !cleared.has(name)), ...doubted])].sort();
}

const ATTRIBUTES = 'attributes.';

function valueOf({ fields, attributes }: Values | ProfilePatch, name: string): unknown {
  if (name.startsWith(ATTRIBUTES)) return attributes[name.slice(ATTRIBUTES.length)];
  const byName: Readonly<Record<string, string | undefined>> = fields;
  return byName[name];
}

const changed = (before: Values, next: Values, name: string): boolean =>
  valueOf(before, name) !== valueOf(next, name);

function compiled(rule: ConsistencyRule): RecordRule | null {
  switch (rule.check) {
    case 'area-of-postcode':
      return {
        reads: ['area', 'postcode'],
        doubts: ['area'],
        breach: ({ fields: { area, postcode } }) => {
          const expected = postcode === undefined ? null : areaFromPostcode(postcode);
          return area !== undefined && expected !== null && expected !== area ? ['area'] : NONE;
        },
      };
    case 'city-of-postcode': {
      const cities = new Map(Object.entries(rule.cities).map(([city, areas]) => [cityKey(city), areas]));
      const both = ['city', 'postcode'];
      return {
        reads: [...both, 'country'],
        doubts: both,
        breach: ({ fields: { city, postcode, country } }) => {
          if (city === undefined || postcode === undefined || (country ?? 'FR') !== 'FR') return NONE;
          const [areas, lies] = [cities.get(cityKey(city)), areaFromPostcode(postcode)];
          return areas !== undefined && lies !== null && !areas.includes(lies) ? both : NONE;
        },
      };
    }
    case 'age-of-birth-date': {
      const [birth, age] = [ATTRIBUTES + rule.birthDate, ATTRIBUTES + rule.age];
      return {
        reads: [birth, age],
        doubts: [birth, age],
        breach: ({ attributes }, today) => {
          const years = yearsSince(attributes[rule.birthDate], today);
          if (years === null) return NONE;
          if (years < 0 || years > OLDEST) return [birth];
          const said = attributes[rule.age];
          return typeof said === 'number' && Math.abs(said - years) > rule.toleranceYears
            ? [birth, age]
            : NONE;
        },
      };
    }
    case 'placeholder-email': {
      const [locals, hosts] = [folded(rule.locals), folded(rule.hosts)];
      return emailRule((local, host) => locals.has(local) || hosts.has(host));
    }
    case 'mistyped-host': {
      const hosts = folded(rule.hosts);
      return emailRule((_, host) => hosts.has(host));
    }
    case 'placeholder-name': {
      const values = folded(rule.values);
      return {
        reads: rule.fields,
        doubts: rule.fields,
        breach: ({ fields }) =>
          rule.fields.filter((field) => {
            const value = fields[field];
            return value !== undefined && values.has(fold(value));
          }),
      };
    }
    case 'shared-phone':
    case 'shared-address':
      return null;
  }
}

const emailRule = (doubtful: (local: string, host: string) => boolean): RecordRule => ({
  reads: ['email'],
  doubts: ['email'],
  breach: ({ fields: { email } }) => {
    if (email === undefined) return NONE;
    const at = email.lastIndexOf('@');
    return doubtful(email.slice(0, at), email.slice(at + 1)) ? ['email'] : NONE;
  },
});

/** Nobody on record was older when they bought something. */
const OLDEST = 122;

function yearsSince(day: unknown, today: string): number | null {
  if (typeof day !== 'string' || !/^\d{4}-\d{2}-\d{2}/.test(day)) return null;
  const years = Number(today.slice(0, 4)) - Number(day.slice(0, 4));
  return today.slice(5, 10) < day.slice(5, 10) ? years - 1 : years;
}

const fold = (text: string): string => text.normalize('NFC').toLowerCase().trim();
const folded = (list: readonly string[] | undefined): ReadonlySet<string> => new Set((list ?? []).map(fold));

/** Capitals without accents; `Lyon 3e`, `Paris 11e arrondissement`, `Nantes Cedex 2` are Lyon, Paris and Nantes. */
function cityKey(city: string): string {
  return city
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, ' ')
    .replace(/ CEDEX.*$/, '')
    .replace(/ \d{1,2}(ER|E|EME)?( ARRONDISSEMENT)?\s*$/, '')
    .replace(/^ST(E?) /, 'SAINT$1 ')
    .trim();
}
