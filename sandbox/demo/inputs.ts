import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { scenarioSchema, type Scenario } from '../../domain/campaigns/scenario';
import { demoMappingSchema, type DemoMapping } from '../audience/demo-mapping';
import { offerCodeSchema, offerSchema } from '../../domain/offers/offer';
import { tableAsCsv, withMadeUpColumns } from '../audience/made-up';
import { generatePeople, type GeneratedPeople } from '../generate/people-csv';
import { createBehaviour, type Behaviour, type Person } from '../people/behaviour';
import { declaredRates, kindOf, ratesFromFile } from '../people/rates';
import { armBySubject } from '../people/which-arm';
import { readCsv, type CsvTable } from '../support/csv';
import { UsageError, type DemoOptions } from './options';

export interface SegmentInput {
  readonly key: string;
  readonly name: string;
  readonly rule: unknown;
}

/** Everything one demonstration starts from. */
export interface DemoInputs {
  readonly mapping: DemoMapping;
  /** Its links lead to the sandbox's shop. */
  readonly scenario: Scenario;
  readonly segments: readonly SegmentInput[];
  /** What the matrix names. */
  readonly offers: readonly OfferInput[];
  readonly matrixCsv: string;
  readonly csv: string;
  readonly filename: string;
  readonly people: readonly Person[];
  readonly behaviour: Behaviour;
  readonly armOf: (subject: string) => string | null;
  readonly generated: GeneratedPeople | null;
  /** Names of the columns nothing in life stands behind. */
  readonly madeUp: readonly string[];
}

const segmentsSchema = z
  .array(z.strictObject({ key: z.string(), name: z.string(), rule: z.unknown() }))
  .min(1);

const offersSchema = z.array(z.object({ ...offerSchema.shape, code: offerCodeSchema }).strict());
export type OfferInput = z.infer<typeof offersSchema>[number];

export type InputSource = Pick<DemoOptions, 'audience' | 'mapping' | 'scenario' | 'people'>;

export interface InputContext {
  /** The how-manieth demonstration on this data folder, from 1: each has people of its own. */
  readonly run: number;
  readonly shopUrl: string;
  readonly nowMs: number;
}

/** Reads the files and makes up what is to be made up. Throws a UsageError that names the file at fault. */
export function loadInputs(source: InputSource, { run, shopUrl, nowMs }: InputContext): DemoInputs {
  const mapping = parsed(source.mapping, demoMappingSchema);
  const written = parsed(source.scenario, z.record(z.string(), z.unknown()));
  const scenario = checked(source.scenario, scenarioSchema, linksTo(shopUrl, written));
  const beside = (name: string): string => {
    const path = join(dirname(source.scenario), name);
    if (!existsSync(path)) throw new UsageError(`${path} is missing: it goes with the scenario`);
    return path;
  };
  const generated =
    source.audience === null ? generatePeople(source.people, `boucle-demo-${run}`, nowMs, run) : null;
  const original = readCsv(
    generated?.csv ?? readFileSync(source.audience ?? '', 'utf8'),
    mapping.import.delimiter,
  );
  if (original.header.length === 0 || original.rows.length === 0)
    throw new UsageError(`${source.audience ?? 'the audience'} has no rows`);
  try {
    const table = mapping.madeUp
      ? withMadeUpColumns(original, { madeUp: mapping.madeUp, run, nowMs })
      : original;
    const { answers } = mapping;
    const rates = answers.from === 'file' ? ratesFromFile(original, answers) : declaredRates(answers);
    const seed = mapping.madeUp?.seed ?? 'generated';
    return {
      mapping,
      scenario,
      segments: parsed(beside('segments.json'), segmentsSchema),
      offers: parsed(beside('offers.json'), offersSchema),
      matrixCsv: readFileSync(beside('persona_matrix.csv'), 'utf8'),
      csv: generated && !mapping.madeUp ? generated.csv : tableAsCsv(table),
      filename: source.audience === null ? 'generated-people.csv' : basename(source.audience),
      people: peopleOf(table, mapping),
      behaviour: createBehaviour(rates, answers.mail, `${seed}/${run}`),
      armOf: armBySubject(scenario),
      generated,
      madeUp: mapping.import.fields.filter((f) => f.madeUp).map((f) => f.column),
    };
  } catch (fault) {
    throw fault instanceof UsageError
      ? fault
      : new UsageError(fault instanceof Error ? fault.message : String(fault));
  }
}

/** Who the file speaks of: each customer key once, in the kind of their first row. */
function peopleOf(table: CsvTable, { import: { fields }, answers }: DemoMapping): Person[] {
  const columnOf = (to: string): number => {
    const field = fields.find((f) => f.to === to);
    return field === undefined ? -1 : table.header.indexOf(field.column);
  };
  const keyAt = columnOf('customerKey');
  const emailAt = columnOf('email');
  if (keyAt === -1 || emailAt === -1) {
    throw new UsageError(
      'the mapping needs a column for customerKey and one for email: that is how the simulated people are told apart',
    );
  }
  const index = new Map(table.header.map((name, i) => [name, i]));
  const missing = answers.kindColumns.find((column) => !index.has(column));
  if (missing !== undefined)
    throw new UsageError(`the file has no column ${missing}, which drives the simulated answers`);
  const people = new Map<string, Person>();
  for (const row of table.rows) {
    const customerKey = (row[keyAt] ?? '').trim();
    const email = (row[emailAt] ?? '').trim().toLowerCase();
    if (customerKey === '' || people.has(customerKey)) continue;
    people.set(customerKey, {
      customerKey,
      email,
      kind: kindOf(answers.kindColumns, (column) => row[index.get(column) ?? -1] ?? ''),
    });
  }
  return [...people.values()];
}

/** Every `ctaUrl` keeps its path and gets the shop's address: the links of a demo must lead to a place that answers. */
export function linksTo(shopUrl: string, value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === 'ctaUrl' ? moved(shopUrl, inner) : within(shopUrl, inner),
    ]),
  );
}

const within = (shopUrl: string, value: unknown): unknown =>
  Array.isArray(value)
    ? value.map((item) => within(shopUrl, item))
    : typeof value === 'object' && value !== null
      ? linksTo(shopUrl, Object.fromEntries(Object.entries(value)))
      : value;

function moved(shopUrl: string, url: unknown): unknown {
  if (typeof url !== 'string' || !URL.canParse(url)) return url;
  const { pathname, search } = new URL(url);
  return `${shopUrl}${pathname}${search}`;
}

function json(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (fault) {
    throw new UsageError(`${path}: ${fault instanceof Error ? fault.message : String(fault)}`);
  }
}

const parsed = <T extends z.ZodType>(path: string, schema: T): z.output<T> =>
  checked(path, schema, json(path));

function checked<T extends z.ZodType>(path: string, schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues
    .slice(0, 8)
    .map((issue) => `  ${issue.path.join('.') || '(whole file)'}: ${issue.message}`);
  throw new UsageError(`${path} is not what it should be:\n${lines.join('\n')}`);
}
