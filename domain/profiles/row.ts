import { cellReader, instant, moneyCents, type Scalar } from './cells';
import { dateReader } from './date-format';
import { accept, REJECT_REASONS, type Checked, type RejectCode } from './checked';
import {
  PROFILE_FIELDS,
  columnsOf,
  type ConsentMapping,
  type EventMapping,
  type Mapping,
  type ProfileField,
} from './mapping';
import { hasKey, normaliseFields, type FieldFault, type ProfilePatch } from './profile-patch';
import { PROOF, type LegalBasis } from '../consent/consent';
import { own } from '../shared/own';
import { monthsBefore } from '../shared/time';

/** Why a row, or one of its cells, was refused. Never holds a value. */
export interface Reject {
  /** Physical line the row starts on, 1-based, the header being on line 1. */
  readonly line: number;
  readonly field: string;
  readonly code: RejectCode;
  readonly reason: string;
}

export interface RowEvent {
  readonly type: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Tells events of one person and source apart, the same at every import of the same row. */
  readonly identity: readonly string[];
  readonly valueCents: number | null;
  readonly currency: string | null;
}

export interface RowConsent {
  readonly purpose: string;
  readonly channel: string;
  readonly action: 'granted' | 'refused' | 'withdrawn' | 'objected';
  /** null: the source does not say when. */
  readonly at: string | null;
  readonly expiresAt: string | null;
  readonly source: string;
  readonly wording: string | null;
  /** An id or a code. */
  readonly proof: string | null;
  readonly legalBasis: LegalBasis;
}

export interface ImportRow extends ProfilePatch {
  readonly line: number;
  readonly events: readonly RowEvent[];
  readonly consents: readonly RowConsent[];
}

export type ReadRow = (
  cells: readonly string[],
  line: number,
) =>
  | { readonly ok: true; readonly row: ImportRow }
  | { readonly ok: false; readonly rejects: readonly Reject[] };

export const reject = (line: number, field: string, code: RejectCode): Reject => ({
  line,
  field,
  code,
  reason: REJECT_REASONS[code],
});

/** Columns the mapping reads and the header lacks. */
export function missingColumns(mapping: Mapping, header: readonly string[]): string[] {
  const names = new Set(header.map((h) => h.trim()));
  return columnsOf(mapping).filter((c) => !names.has(c));
}

/** An instant may lie this far ahead of us: clocks and time zones differ by no more. */
const AHEAD_MS = 86_400_000;

/**
 * Makes the reader of one file's rows. `receivedAt` (ISO 8601) is what ages are counted back from and what tells the
 * future; it is the import's, not the clock's, so that a second run reads the same. `valued`: the types whose events must
 * come to something.
 */
export function rowReader(
  mapping: Mapping,
  header: readonly string[],
  receivedAt: string,
  valued: ReadonlySet<string> = new Set(),
): ReadRow {
  const index = new Map(header.map((name, i) => [name.trim(), i]));
  const latest = new Date(Date.parse(receivedAt) + AHEAD_MS).toISOString();
  const readers = mapping.fields.map((field) => cellReader(field, mapping));
  const instants = instantReaders(mapping);
  const cellOf = (cells: readonly string[], column: string): string => cells[index.get(column) ?? -1] ?? '';

  return (cells, line) => {
    if (cells.length !== header.length)
      return { ok: false, rejects: [reject(line, '*', 'wrong-column-count')] };
    const faults: FieldFault[] = [];
    const cell = (column: string): string => cellOf(cells, column).trim();
    const fault = (field: string, code: RejectCode): null => {
      faults.push({ field, code });
      return null;
    };

    const given: Partial<Record<ProfileField, string>> = {};
    const attributes: Record<string, Scalar> = {};
    for (const [i, mapped] of mapping.fields.entries()) {
      const { column, to, required } = mapped;
      const text = cell(column);
      if (text === '') {
        if (required) fault(to, 'missing');
        continue;
      }
      const field = PROFILE_FIELDS.find((f) => f === to);
      if (field !== undefined) {
        given[field] = text;
        continue;
      }
      const currency = currencyOf(mapped, cell);
      const value = readers[i]?.(text, currency);
      if (value === undefined) continue;
      const name = to.slice('attributes.'.length);
      if (value.ok) attributes[name] = value.value;
      else fault(to, value.code);
      if (mapped.currencyColumn !== undefined) attributes[`${name}_currency`] = currency ?? 'EUR';
    }
    const normalised = normaliseFields(given, mapping.market);
    faults.push(...normalised.faults);
    const key = hasKey(normalised.fields);
    if (!key.ok && faults.length === 0) fault('*', key.code);

    const events = mapping.events.flatMap(
      (e) => readEvent(e, cell, receivedAt, latest, fault, instants, valued.has(e.type)) ?? [],
    );
    const consents = mapping.consents.flatMap((c) => readConsent(c, cell, latest, fault, instants) ?? []);
    if (faults.length > 0) return { ok: false, rejects: faults.map((f) => reject(line, f.field, f.code)) };
    return { ok: true, row: { line, fields: normalised.fields, attributes, events, consents } };
  };
}

type Cell = (column: string) => string;
type FaultAt = (field: string, code: RejectCode) => null;

/** Of the row, or else of all of them. */
const currencyOf = (
  {
    currencyColumn,
    currency,
  }: { readonly currencyColumn?: string | undefined; readonly currency?: string | undefined },
  cell: Cell,
): string | undefined => (currencyColumn === undefined ? '' : cell(currencyColumn).toUpperCase()) || currency;

function readEvent(
  mapping: EventMapping,
  cell: Cell,
  receivedAt: string,
  latest: string,
  fault: FaultAt,
  instants: InstantReaders,
  mustCome: boolean,
): RowEvent | null {
  const field = `events.${mapping.type}`;
  const when = cell(mapping.atColumn ?? mapping.monthsAgoColumn ?? mapping.daysAgoColumn ?? '');
  if (when === '') return null;
  const at = momentOf(mapping, when, receivedAt, instants);
  if (at === null) return fault(field, mapping.atColumn === undefined ? 'integer-invalid' : 'date-invalid');
  if (at > latest) return fault(field, 'date-in-future');
  const amount = mapping.valueColumn === undefined ? '' : cell(mapping.valueColumn);
  if (amount === '' && mustCome) return fault(field, 'missing');
  const currency = currencyOf(mapping, cell);
  const cents = amount === '' ? null : moneyCents(amount, currency);
  if (cents !== null && !cents.ok) return fault(field, cents.code);
  const id = mapping.idColumn === undefined ? '' : cell(mapping.idColumn);
  return {
    type: mapping.type,
    at,
    identity: id === '' ? [mapping.type, when, amount] : [mapping.type, 'id', id],
    valueCents: cents?.value ?? null,
    currency: cents === null ? null : (currency ?? 'EUR'),
  };
}

type InstantReaders = (format: string | undefined) => (text: string) => Checked<string>;

/** One reader a format: a day is its midnight, UTC. */
function instantReaders(where: Pick<Mapping, 'zone' | 'locale'>): InstantReaders {
  const readers = new Map<string, (text: string) => Checked<string>>();
  return (format) => {
    if (format === undefined) return instant;
    const known = readers.get(format) ?? dateReader(format, where);
    readers.set(format, known);
    return (text) => {
      const at = known(text);
      return at.ok && at.value.length === 10 ? accept(`${at.value}T00:00:00.000Z`) : at;
    };
  };
}

function momentOf(
  mapping: EventMapping,
  cell: string,
  receivedAt: string,
  instants: InstantReaders,
): string | null {
  if (mapping.atColumn !== undefined) {
    const at = instants(mapping.atFormat)(cell);
    return at.ok ? at.value : null;
  }
  if (!/^\d{1,4}$/.test(cell)) return null;
  return mapping.monthsAgoColumn !== undefined
    ? monthsBefore(receivedAt, Number(cell))
    : new Date(Date.parse(receivedAt) - Number(cell) * 86_400_000).toISOString();
}

/** As many characters as fit a screen of small print; none that no column holds. */
const WORDING = /^[^\u0000\p{Cs}]{1,5000}$/u;

function readConsent(
  mapping: ConsentMapping,
  cell: Cell,
  latest: string,
  fault: FaultAt,
  instants: InstantReaders,
): RowConsent | null {
  const field = `consents.${mapping.purpose}.${mapping.channel}`;
  const said = cell(mapping.column);
  if (said === '') return null;
  const action = own(mapping.values, said);
  if (action === undefined) return fault(field, 'consent-unknown');
  const date = (column: string | undefined): string | null | undefined => {
    const text = column === undefined ? '' : cell(column);
    if (text === '') return null;
    const checked = instants(mapping.dateFormat)(text);
    return checked.ok ? checked.value : undefined;
  };
  const at = date(mapping.atColumn);
  const expiresAt = date(mapping.expiresColumn);
  if (at === undefined || expiresAt === undefined) return fault(field, 'date-invalid');
  if (at !== null && at > latest) return fault(field, 'date-in-future');
  const { purpose, channel, source, legalBasis, wordingColumn, proofColumn } = mapping;
  const wording = (wordingColumn === undefined ? '' : cell(wordingColumn)) || mapping.wording;
  if (wording !== undefined && !WORDING.test(wording)) return fault(field, 'wording-invalid');
  const proof = proofColumn === undefined ? '' : cell(proofColumn);
  if (proof !== '' && !PROOF.test(proof)) return fault(field, 'proof-invalid');
  return {
    purpose,
    channel,
    action,
    at,
    expiresAt: action === 'granted' ? expiresAt : null,
    source,
    wording: wording ?? null,
    proof: proof === '' ? null : proof,
    legalBasis,
  };
}
