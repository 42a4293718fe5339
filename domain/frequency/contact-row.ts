import { instant } from '../profiles/cells';
import { contactSchema, type ContactInput } from './contact';

/** Columns of a file of contacts; of the last four one names the person. */
const NEEDED = ['source', 'external_id', 'at', 'nature', 'channel', 'department'] as const;
const PERSON = ['profile_id', 'customer_key', 'email', 'phone'] as const;
type Column = (typeof NEEDED)[number] | (typeof PERSON)[number] | 'format';

/** Where a contact's field stands in the file, for the report of rejects. */
const COLUMN_OF: Readonly<Record<string, string>> = { externalId: 'external_id', profile: PERSON.join('|') };

export interface ContactReject {
  readonly line: number;
  readonly field: string;
  readonly code: string;
  /** Words for a person; never the value. */
  readonly reason: string;
}

export type ContactRow =
  | { readonly ok: true; readonly contact: ContactInput }
  | { readonly ok: false; readonly rejects: readonly ContactReject[] };

export function missingContactColumns(header: readonly string[]): string[] {
  const names = new Set(header.map((name) => name.trim()));
  const missing: string[] = NEEDED.filter((column) => !names.has(column));
  return PERSON.some((column) => names.has(column)) ? missing : [...missing, PERSON.join('|')];
}

/** Makes the reader of one file's rows. Columns that are not known are passed over. */
export function contactRowReader(header: readonly string[]) {
  const at = new Map(header.map((name, index) => [name.trim(), index]));
  return (cells: readonly string[], line: number): ContactRow => {
    if (cells.length !== header.length) {
      return refused(line, '*', 'wrong-column-count', 'not as many cells as the header has');
    }
    if (cells.some((cell) => cell.includes('\ufffd'))) {
      return refused(line, '*', 'encoding-invalid', 'bytes that are not UTF-8');
    }
    const cell = (column: Column): string => cells[at.get(column) ?? -1]?.trim() ?? '';
    const when = instant(cell('at'));
    const format = cell('format');
    const parsed = contactSchema.safeParse({
      source: cell('source'),
      externalId: cell('external_id'),
      profile: personOf(cell),
      at: when.ok ? when.value : cell('at'),
      nature: cell('nature'),
      channel: cell('channel'),
      department: cell('department'),
      ...(format === '' ? {} : { format }),
    });
    if (parsed.success) return { ok: true, contact: parsed.data };
    const fields = new Map(parsed.error.issues.map((issue) => [String(issue.path[0]), issue.message]));
    return {
      ok: false,
      rejects: [...fields].map(([field, reason]) => {
        const column = COLUMN_OF[field] ?? field;
        return field === 'profile'
          ? { line, field: column, code: 'no-key', reason: 'nobody to attach the row to' }
          : { line, field: column, code: `${column.replace('_', '-')}-invalid`, reason };
      }),
    };
  };
}

/** By whichever key the row has, the surest first; null: none. */
function personOf(cell: (column: Column) => string): unknown {
  const id = cell('profile_id');
  if (/^\d{1,15}$/.test(id)) return { id: Number(id) };
  if (cell('customer_key') !== '') return { customerKey: cell('customer_key') };
  if (cell('email') !== '') return { email: cell('email') };
  return cell('phone') === '' ? null : { phone: cell('phone') };
}

const refused = (line: number, field: string, code: string, reason: string): ContactRow => ({
  ok: false,
  rejects: [{ line, field, code, reason }],
});
