import { readFileSync } from 'node:fs';
import { fromRoot } from '../../../config/paths';
import { areaName } from '../../../domain/profiles/area';
import { CsvReader } from '../../../domain/profiles/csv-reader';
import { rowReader, type ImportRow, type Reject } from '../../../domain/profiles/row';
import { demoMappingSchema } from '../../../sandbox/audience/demo-mapping';
import { AREA_WEIGHTS, GENERATED_AREAS } from '../../../sandbox/generate/areas';
import { generatePeople } from '../../../sandbox/generate/people-csv';

const TODAY = Date.parse('2026-03-02T10:00:00Z');
const mapping = demoMappingSchema.parse(
  JSON.parse(readFileSync(fromRoot('examples', 'generated', 'mapping.json'), 'utf8')),
).import;

function read(csv: string): { rows: ImportRow[]; rejects: Reject[]; refusedLines: number } {
  const [header, ...records] = new CsvReader(',').push(csv, true);
  if (!header || !('cells' in header)) throw new Error('no header');
  const reader = rowReader(mapping, header.cells, new Date(TODAY).toISOString());
  const rows: ImportRow[] = [];
  const rejects: Reject[] = [];
  let refusedLines = 0;
  for (const record of records) {
    const answer = 'cells' in record ? reader(record.cells, record.line) : null;
    if (answer?.ok) rows.push(answer.row);
    else {
      refusedLines += 1;
      rejects.push(...(answer?.rejects ?? []));
    }
  }
  return { rows, rejects, refusedLines };
}

describe('generated people', () => {
  const generated = generatePeople(4_000, 'a seed', TODAY);
  const { rows, rejects, refusedLines } = read(generated.csv);
  const sum = (kinds: Readonly<Record<string, number>>): number =>
    Object.values(kinds).reduce((n, k) => n + k, 0);

  test('follow from the seed and the day alone', () => {
    expect(generatePeople(4_000, 'a seed', TODAY + 3_600_000).csv).toBe(generated.csv);
    expect(generatePeople(4_000, 'another seed', TODAY).csv).not.toBe(generated.csv);
  });

  test('the import refuses exactly the dirty lines that were put in', () => {
    expect(refusedLines).toBe(sum(generated.faults));
    expect(rows).toHaveLength(generated.lines - refusedLines);
    expect(generated.lines).toBe(4_000 + sum(generated.duplicates) + (generated.faults['broken-line'] ?? 0));
  });

  test('there is a reason of each kind', () => {
    const codes = new Set(rejects.map((r) => r.code));
    for (const code of [
      'email-invalid',
      'postcode-invalid',
      'date-invalid',
      'date-in-future',
      'money-invalid',
      'phone-invalid',
      'integer-invalid',
      'consent-unknown',
      'no-key',
      'wrong-column-count',
    ]) {
      expect(codes).toContain(code);
    }
  });

  test('nobody shares a key with somebody else, and no address can exist', () => {
    expect(rows.filter(({ fields }) => fields.email?.endsWith('.example') !== true)).toEqual([]);
    const owners = new Map<string, string>();
    const shared = rows.flatMap(({ fields: { email, phone, customerKey } }) =>
      [email, phone].filter((key) => {
        if (key === undefined || customerKey === undefined) return false;
        const owner = owners.get(key) ?? customerKey;
        owners.set(key, owner);
        return owner !== customerKey;
      }),
    );
    expect(shared).toEqual([]);
  });

  test('consents are given, refused, run out, and missing', () => {
    const now = new Date(TODAY).toISOString();
    const promotion = rows.map((row) => row.consents.find((c) => c.purpose === 'promotion'));
    const share = (count: number): number => count / rows.length;
    const ranOut = promotion.filter(
      (c) => c?.action === 'granted' && c.expiresAt !== null && c.expiresAt < now,
    ).length;
    expect(share(ranOut)).toBeGreaterThan(0.04);
    expect(share(ranOut)).toBeLessThan(0.08);
    expect(share(promotion.filter((c) => c?.action === 'refused').length)).toBeGreaterThan(0.04);
    expect(share(promotion.filter((c) => c === undefined).length)).toBeGreaterThan(0.03);
    expect(share(promotion.filter((c) => c?.action === 'granted').length - ranOut)).toBeGreaterThan(0.78);
    expect(
      rows.some((row) =>
        row.consents.some((c) => c.purpose === 'email-open-tracking' && c.action === 'granted'),
      ),
    ).toBe(true);
  });

  test('they live where people live', () => {
    const total = AREA_WEIGHTS.reduce((n, [, weight]) => n + weight, 0);
    const paris = rows.filter((row) => row.fields.area === '75').length / rows.length;
    expect(paris).toBeGreaterThan((2133 / total) * 0.75);
    expect(paris).toBeLessThan((2133 / total) * 1.25);
  });

  test('every area is an official one, and its postcodes lie in it', () => {
    for (const { code, towns } of GENERATED_AREAS) {
      expect(areaName(code)).not.toBeNull();
      for (const [postcode] of towns)
        expect(postcode.startsWith(code.replace(/[AB]$/, '0').slice(0, 2))).toBe(true);
    }
    expect(GENERATED_AREAS).toHaveLength(101);
  });

  test('two runs have no person in common', () => {
    const keys = (csv: string): Set<string> => new Set(csv.match(/^C\d{7},/gm));
    const second = keys(generatePeople(500, 'a seed', TODAY, 2).csv);
    for (const key of keys(generatePeople(500, 'a seed', TODAY, 1).csv)) expect(second).not.toContain(key);
  });
});
