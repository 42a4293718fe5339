/**
 * The person's own words in a message. Each says where it comes from and when its value can be believed; every text
 * that uses one says what stands there otherwise, or QA blocks it. Doubt takes that fallback: a wrong first name is
 * worse than none.
 */
export interface PersonVariable {
  /** Where the value comes from. */
  readonly source: string;
  /** The value as it may be shown, or null when it cannot be believed. */
  readonly plausible: (raw: string) => string | null;
}

/** Names of test rows, empty forms and careless exports, compared in lower case without diacritics. */
const PLACEHOLDERS = new Set(
  'test tests teste testeur tester xxx xx yyy zzz aaa abc azerty qwerty client cliente customer user utilisateur prenom nom name firstname lastname first last inconnu inconnue unknown anonyme anonymous none null undefined nan na nc ras vide empty admin info contact madame monsieur mme mlle mr mrs ms dr compte'.split(
    ' ',
  ),
);

const NAME_SHAPE = /^\p{L}[\p{L}\p{M}'’ -]*[\p{L}\p{M}]$/u;

const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[^\p{L}]/gu, '')
    .toLowerCase();

/** "MARIE-CLAUDE" and "marie-claude" are how forms store it, not how one writes to somebody. */
const capitalised = (name: string): string =>
  name !== name.toUpperCase() && name !== name.toLowerCase()
    ? name
    : name
        .toLowerCase()
        .replace(/(^|[ '’-])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());

/** Letters, apostrophe, hyphen and space, 2 to 40 characters, neither a placeholder nor one letter over and over. */
export function plausibleName(raw: string): string | null {
  const name = raw.normalize('NFC').trim().replace(/ +/g, ' ');
  if (name.length < 2 || name.length > 40 || !NAME_SHAPE.test(name)) return null;
  const letters = plain(name);
  if (PLACEHOLDERS.has(letters) || /^(.)\1*$/u.test(letters)) return null;
  return capitalised(name);
}

export const PERSON_VARIABLES = {
  firstName: { source: 'identity.people.first_name', plausible: plausibleName },
  lastName: { source: 'identity.people.last_name', plausible: plausibleName },
  city: { source: 'identity.people.city', plausible: plausibleName },
} as const satisfies Record<string, PersonVariable>;

export type PersonVariableName = keyof typeof PERSON_VARIABLES;

export const isPersonVariable = (name: string): name is PersonVariableName =>
  Object.hasOwn(PERSON_VARIABLES, name);

/** Raw values as the profile has them; missing and null are the same. */
export type PersonValues = { readonly [K in PersonVariableName]?: string | null };

/** What may be shown. `doubted` names the variables that had a value nobody should read. */
export function believablePerson(raw: PersonValues): {
  readonly values: Readonly<Record<PersonVariableName, string | null>>;
  readonly doubted: readonly PersonVariableName[];
} {
  const doubted: PersonVariableName[] = [];
  const believe = (name: PersonVariableName): string | null => {
    const given = raw[name];
    if (given === undefined || given === null || given.trim() === '') return null;
    const value = PERSON_VARIABLES[name].plausible(given);
    if (value === null) doubted.push(name);
    return value;
  };
  return {
    values: { firstName: believe('firstName'), lastName: believe('lastName'), city: believe('city') },
    doubted,
  };
}
