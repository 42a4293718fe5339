import { IANAZone } from 'luxon';

/** French overseas départements and territories by their code, also as the first three digits of their postcodes. */
const ZONE_OF_AREA: Readonly<Record<string, string>> = {
  '971': 'America/Guadeloupe',
  '972': 'America/Martinique',
  '973': 'America/Cayenne',
  '974': 'Indian/Reunion',
  '975': 'America/Miquelon',
  '976': 'Indian/Mayotte',
  '977': 'America/St_Barthelemy',
  '978': 'America/Marigot',
  '986': 'Pacific/Wallis',
  '987': 'Pacific/Tahiti',
  '988': 'Pacific/Noumea',
};

/** Markets of one zone. One of several zones has its people's own, or the zone most of them live in. */
const ZONE_OF_MARKET: Readonly<Record<string, string>> = {
  FR: 'Europe/Paris',
  GP: 'America/Guadeloupe',
  MQ: 'America/Martinique',
  GF: 'America/Cayenne',
  RE: 'Indian/Reunion',
  YT: 'Indian/Mayotte',
  AT: 'Europe/Vienna',
  BE: 'Europe/Brussels',
  CH: 'Europe/Zurich',
  CZ: 'Europe/Prague',
  DE: 'Europe/Berlin',
  DK: 'Europe/Copenhagen',
  ES: 'Europe/Madrid',
  FI: 'Europe/Helsinki',
  GB: 'Europe/London',
  GR: 'Europe/Athens',
  IE: 'Europe/Dublin',
  IT: 'Europe/Rome',
  LU: 'Europe/Luxembourg',
  MA: 'Africa/Casablanca',
  MC: 'Europe/Monaco',
  NL: 'Europe/Amsterdam',
  NO: 'Europe/Oslo',
  PL: 'Europe/Warsaw',
  PT: 'Europe/Lisbon',
  RO: 'Europe/Bucharest',
  SE: 'Europe/Stockholm',
  SN: 'Africa/Dakar',
  TN: 'Africa/Tunis',
};

const HOME = 'Europe/Paris';

/** Where somebody is, as far as it is known. */
interface Whereabouts {
  readonly timezone: string | null;
  /** Of a French market: the département, which the postcode gave. */
  readonly area: string | null;
  /** `FR`, or a country with a language or a brand behind it (`BE-fr`). */
  readonly market: string;
}

/** The person's time zone (IANA): the one that is known, else their area's, else their market's, else Paris. */
export function zoneOf({ timezone, area, market }: Whereabouts): string {
  if (timezone !== null && IANAZone.isValidZone(timezone)) return timezone;
  const country = market.slice(0, 2).toUpperCase();
  const byArea = country === 'FR' && area !== null ? ZONE_OF_AREA[area] : undefined;
  return byArea ?? ZONE_OF_MARKET[country] ?? HOME;
}
