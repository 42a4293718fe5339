import { mkdtempSync, createWriteStream, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MappingInput } from '../domain/profiles/mapping';

export const IMPORT_MAPPING: MappingInput = {
  key: 'bench',
  source: 'bench-crm',
  fields: [
    { column: 'customer', to: 'customerKey', required: true },
    { column: 'email', to: 'email' },
    { column: 'phone', to: 'phone' },
    { column: 'civility', to: 'civility' },
    { column: 'first_name', to: 'firstName' },
    { column: 'last_name', to: 'lastName' },
    { column: 'postcode', to: 'postcode' },
    { column: 'city', to: 'city' },
    { column: 'birth_date', to: 'attributes.birth_date', type: 'date' },
    { column: 'orders', to: 'attributes.crm_orders', type: 'integer' },
    { column: 'spend', to: 'attributes.crm_spend_cents', type: 'money' },
    { column: 'loyalty', to: 'attributes.loyalty_tier' },
  ],
};

export interface DirtyFile {
  readonly path: string;
  /** Lines that are wrong, each with the field and the code it is to be rejected with. */
  readonly wrong: ReadonlyMap<number, string>;
  remove(): void;
}

const FIRST = ['Camille', 'Léa', 'Hugo', 'Zoé', 'Noé', 'Inès', 'Paul', 'Jeanne'];
const LAST = ['Martin', "D'Arc", 'Le Goff', 'Bernard', 'Lefèvre', 'Nguyên', 'Roux', 'Garnier'];
const CITY = ['Lyon', 'Paris', 'Nantes', 'Saint-Étienne', 'Lille', 'Aix-en-Provence'];
const POSTCODE = ['69003', '75011', '44000', '42100', '59000', '13100'];

/** One row in a hundred is wrong, in one of five ways; one in two hundred is somebody once more. */
export async function writeFile(n: number): Promise<DirtyFile> {
  const dir = mkdtempSync(join(tmpdir(), 'boucle-import-'));
  const path = join(dir, 'people.csv');
  const out = createWriteStream(path);
  const wrong = new Map<number, string>();
  const header = IMPORT_MAPPING.fields.map(({ column }) => column).join(',');
  let piece = `${header}\n`;
  for (let i = 0; i < n; i += 1) {
    const line = i + 2;
    const cells = rowOf(i % 200 === 199 ? i - 7 : i);
    const fault = i % 100 === 42 ? spoil(cells, Math.floor(i / 100) % 5) : null;
    if (fault !== null) wrong.set(line, fault);
    piece += `${cells.join(',')}\n`;
    if (piece.length > 1 << 20) {
      if (!out.write(piece)) await once(out, 'drain');
      piece = '';
    }
  }
  out.end(piece);
  await once(out, 'close');
  return { path, wrong, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

function rowOf(i: number): string[] {
  const digits = String(i).padStart(8, '0');
  return [
    `C${digits}`,
    `${i % 2 === 0 ? 'Client' : 'client'}.${digits}@exemple${i % 40}.fr`,
    `06 ${digits.slice(0, 2)} ${digits.slice(2, 4)} ${digits.slice(4, 6)} ${digits.slice(6)}`,
    i % 2 === 0 ? 'M.' : 'Madame',
    FIRST[i % 8] ?? '',
    LAST[(i >> 3) % 8] ?? '',
    POSTCODE[i % 6] ?? '',
    `"${CITY[i % 6] ?? ''}"`,
    `${1940 + (i % 65)}-0${1 + (i % 9)}-1${i % 10}`,
    String(i % 30),
    `${i % 900},${String(i % 100).padStart(2, '0')}`,
    ['or', 'argent', ''][i % 3] ?? '',
  ].map((cell) => (cell.includes(',') ? `"${cell}"` : cell));
}

/** Answers the field and the code. */
function spoil(cells: string[], how: number): string {
  if (how === 0) {
    cells[1] = 'client@@exemple.fr';
    return 'email email-invalid';
  }
  if (how === 1) {
    cells[2] = '06 12';
    return 'phone phone-invalid';
  }
  if (how === 2) {
    cells[8] = '31/02/1980';
    return 'attributes.birth_date date-invalid';
  }
  if (how === 3) {
    cells.push('one too many');
    return '* wrong-column-count';
  }
  cells[0] = '';
  return 'customerKey missing';
}
