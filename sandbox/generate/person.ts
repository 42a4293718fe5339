import type { SeededStream } from '../support/seeded';
import { AREA_WEIGHTS } from './areas';
import { asMailWord, FIRST_NAMES, LAST_NAMES, MAIL_DOMAINS } from './names';

export const COLUMNS = [
  'client_id',
  'civilite',
  'prenom',
  'nom',
  'email',
  'telephone',
  'code_postal',
  'ville',
  'age',
  'fidelite',
  'univers_favori',
  'inscrit_le',
  'nb_achats_12m',
  'montant_12m',
  'dernier_achat_le',
  'dernier_achat_montant',
  'consent_email',
  'consent_email_le',
  'consent_email_expire_le',
  'consent_ouverture',
  'consent_ouverture_le',
] as const;
export type Column = (typeof COLUMNS)[number];
export type GeneratedRow = Record<Column, string>;

const DAY_MS = 86_400_000;
const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

const UNIVERSES = [
  ['lampes', 34],
  ['bureau', 22],
  ['chambre', 24],
  ['jardin', 20],
] as const;

const MOBILE_BLOCKS = ['061', '062', '064', '066', '067', '068', '075', '076', '077', '078'] as const;

/** A number nobody else in the file has: two people under one number would be merged into one. */
const phone = (n: number, rng: SeededStream): string =>
  `${rng.pick(MOBILE_BLOCKS)}${String((n * 7_919 + 1_234_567) % 10_000_000).padStart(7, '0')}`;

/** One customer as a French shop's file would hold them. `todayMs` anchors every date. */
export function generatePerson(n: number, rng: SeededStream, todayMs: number): GeneratedRow {
  const ago = (days: number): string => day(todayMs - days * DAY_MS);
  const sex = rng.chance(0.58) ? 'F' : 'M';
  const age = Math.min(
    92,
    Math.max(18, Math.round(18 + 60 * Math.pow(rng.next(), 0.85) + rng.between(-3, 8))),
  );
  const generation = age < 35 ? 'young' : age < 62 ? 'middle' : 'old';
  const firstName = rng.pick(FIRST_NAMES[sex][generation]);
  const lastName = rng.pick(LAST_NAMES);
  const { towns } = rng.weighted(AREA_WEIGHTS);
  const [postcode, city] = rng.pick(towns);
  const signedUpDays = rng.between(40, 3_000);

  const tier = rng.weighted([
    ['bronze', 60],
    ['argent', 29],
    ['or', 11],
  ]);
  const purchases =
    tier === 'or' ? rng.between(4, 14) : tier === 'argent' ? rng.between(2, 6) : rng.between(0, 2);
  const basketCents = rng.between(1_900, 9_900) + (tier === 'or' ? rng.between(0, 9_000) : 0);
  const euros = (cents: number): string => (cents / 100).toFixed(2);
  const lastDays =
    purchases === 0
      ? rng.between(366, Math.max(367, signedUpDays))
      : rng.between(3, Math.ceil(364 / Math.sqrt(purchases)));
  const boughtEver = purchases > 0 || (signedUpDays > 400 && rng.chance(0.7));

  // Of 100: 83 said yes and it holds, 6 said yes so long ago that it has run out, 6 said no, 5 were never asked.
  const said = rng.weighted([
    ['oui', 83],
    ['echu', 6],
    ['non', 6],
    ['', 5],
  ]);
  const saidDays = said === 'echu' ? rng.between(1_130, 1_800) : rng.between(5, Math.min(900, signedUpDays));
  const opens =
    said === 'oui'
      ? rng.weighted([
          ['oui', 46],
          ['non', 24],
          ['', 30],
        ])
      : '';

  return {
    client_id: `C${String(1_000_000 + n)}`,
    civilite: sex === 'F' ? 'Mme' : 'M.',
    prenom: firstName,
    nom: lastName,
    email: `${asMailWord(firstName)}.${asMailWord(lastName)}.${n}@${rng.weighted(MAIL_DOMAINS)}`,
    telephone: rng.chance(0.7) ? phone(n, rng) : '',
    code_postal: postcode,
    ville: city,
    age: String(age),
    fidelite: tier,
    univers_favori: rng.weighted(UNIVERSES),
    inscrit_le: ago(signedUpDays),
    nb_achats_12m: String(purchases),
    montant_12m: euros(purchases * basketCents),
    dernier_achat_le: boughtEver ? ago(lastDays) : '',
    dernier_achat_montant: boughtEver ? euros(basketCents) : '',
    consent_email: said === 'echu' ? 'oui' : said,
    consent_email_le: said === '' ? '' : ago(saidDays),
    // Three years, as the CNIL counts a prospect's consent.
    consent_email_expire_le: said === 'oui' || said === 'echu' ? ago(saidDays - 1_096) : '',
    consent_ouverture: opens,
    consent_ouverture_le: opens === '' ? '' : ago(saidDays),
  };
}
