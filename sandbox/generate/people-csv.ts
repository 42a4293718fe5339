import { csvLine } from '../support/csv';
import { seededStream, type SeededStream } from '../support/seeded';
import { COLUMNS, generatePerson, type GeneratedRow } from './person';

export interface GeneratedPeople {
  /** The file as a shop would send it, faults and all; UTF-8 CSV. */
  readonly csv: string;
  /** Lines after the header. */
  readonly lines: number;
  /** Different people meant by the file. */
  readonly people: number;
  /** What was put in on purpose, by kind, so that the import report can be held against it. */
  readonly faults: Readonly<Record<string, number>>;
  readonly duplicates: Readonly<Record<string, number>>;
}

type Fault = (row: GeneratedRow, rng: SeededStream) => Partial<GeneratedRow>;

/** Ways a line is wrong and is refused, each about one in 600 lines. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'bad-email': (row, rng) => ({
    email: rng.pick([
      row.email.replace('@', ' at '),
      row.email.replace('@', '..@'),
      `${row.prenom} ${row.nom}`,
      row.email.replace('.example', ''),
    ]),
  }),
  'bad-postcode': (_row, rng) => ({ code_postal: rng.pick(['7500A', '123', 'PARIS', '750011']) }),
  'bad-date': (_row, rng) => ({ inscrit_le: rng.pick(['31/02/2024', '2024-13-01', 'hier', '00/00/0000']) }),
  'date-in-future': () => ({ dernier_achat_le: '2099-01-01', dernier_achat_montant: '10.00' }),
  'bad-amount': (_row, rng) => ({ montant_12m: rng.pick(['1,234.56', 'n/a', '12.345']) }),
  'bad-phone': (_row, rng) => ({ telephone: rng.pick(['06 12', '0000000000', 'aucun']) }),
  'bad-age': (_row, rng) => ({ age: rng.pick(['trente', '4x', '?']) }),
  'unknown-consent': (_row, rng) => ({ consent_email: rng.pick(['peut-être', 'O/N', 'à voir']) }),
  'no-key': () => ({ client_id: '', email: '', telephone: '' }),
};

/** The same person once more: how files that grew over years hold people twice. */
const TWINS: Readonly<Record<string, Fault>> = {
  'same-line-again': () => ({}),
  'newer-values': (row) => ({
    nb_achats_12m: String(Number(row.nb_achats_12m) + 1),
    ville: row.ville.toUpperCase(),
  }),
  'by-address-alone': (row) => ({ client_id: '', email: row.email.toUpperCase(), telephone: '' }),
};

const FAULT_SHARE = 0.015;
const TWIN_SHARE = 0.02;

/**
 * A made-up customer file: `people` different persons, and among them duplicates and dirty lines. Everything follows
 * from `seed`, the day of `todayMs` and `run`, which keeps the keys of one demonstration's people apart from another's.
 */
export function generatePeople(people: number, seed: string, todayMs: number, run = 1): GeneratedPeople {
  const anchor = Math.floor(todayMs / 86_400_000) * 86_400_000;
  const rng = seededStream(`${seed}/people`);
  const dirt = seededStream(`${seed}/dirt`);
  const faults: Record<string, number> = {};
  const duplicates: Record<string, number> = {};
  const written: string[] = [csvLine(COLUMNS)];
  const write = (row: GeneratedRow): void => {
    written.push(csvLine(COLUMNS.map((column) => row[column])));
  };
  const count = (into: Record<string, number>, kind: string): void => {
    into[kind] = (into[kind] ?? 0) + 1;
  };

  for (let n = 0; n < people; n += 1) {
    const row = generatePerson(n + (run - 1) * 1_000_000, rng, anchor);
    if (dirt.chance(FAULT_SHARE)) {
      const kind = dirt.pick(Object.keys(FAULTS));
      count(faults, kind);
      write({ ...row, ...FAULTS[kind]?.(row, dirt) });
      continue;
    }
    write(row);
    if (!dirt.chance(TWIN_SHARE)) continue;
    const kind = dirt.pick(Object.keys(TWINS));
    count(duplicates, kind);
    write({ ...row, ...TWINS[kind]?.(row, dirt) });
  }
  // Lines a spreadsheet or an export broke: a cell missing, a quote never closed.
  for (const line of [
    'C999901,Mme,Ligne,Coupée\r\n',
    'C999902,M.,"Jean" dit le Bon,Cassé,x@courriel.example,,75001,Paris,40,or,lampes,2024-01-01,1,10.00,,,oui,2025-01-01,2028-01-01,,\r\n',
  ]) {
    written.splice(Math.max(1, dirt.between(1, written.length - 1)), 0, line);
    count(faults, 'broken-line');
  }
  return { csv: written.join(''), lines: written.length - 1, people, faults, duplicates };
}
