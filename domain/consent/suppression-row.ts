import { instant } from '../profiles/cells';
import { fingerprintSchema, suppressionSchema, type Address, type SuppressionInput } from './suppression';

/** Columns of a file of suppressions. `address` is one of the channel's kind, or the hex of its keyed fingerprint. */
const NEEDED = ['address', 'channel', 'scope', 'reason', 'at'] as const;
type Column = (typeof NEEDED)[number];

export interface SuppressionReject {
  readonly line: number;
  readonly field: string;
  readonly code: string;
  /** Words for a person; never the value. */
  readonly reason: string;
}

export type SuppressionRow =
  | { readonly ok: true; readonly suppression: SuppressionInput }
  | { readonly ok: false; readonly rejects: readonly SuppressionReject[] };

export const missingSuppressionColumns = (header: readonly string[]): string[] => {
  const names = new Set(header.map((name) => name.trim()));
  return NEEDED.filter((column) => !names.has(column));
};

/** Makes the reader of one file's rows. An empty scope is global, an empty date now; other columns are passed over. */
export function suppressionRowReader(header: readonly string[]) {
  const at = new Map(header.map((name, index) => [name.trim(), index]));
  return (cells: readonly string[], line: number): SuppressionRow => {
    const rejected = (field: string, code: string, reason: string): SuppressionRow => ({
      ok: false,
      rejects: [{ line, field, code, reason }],
    });
    if (cells.length !== header.length)
      return rejected('*', 'wrong-column-count', 'not as many cells as the header has');
    if (cells.some((cell) => cell.includes('\ufffd')))
      return rejected('*', 'encoding-invalid', 'bytes that are not UTF-8');
    const cell = (column: Column): string => cells[at.get(column) ?? -1]?.trim() ?? '';
    const address = addressOf(cell('address'), cell('channel'));
    if (address === null)
      return rejected(
        'channel',
        'channel-invalid',
        'email, e-letter or sms; of a letter or a device the fingerprint alone can be told',
      );
    const when = instant(cell('at'));
    const parsed = suppressionSchema.safeParse({
      address,
      reason: cell('reason'),
      ...(cell('scope') === '' ? {} : { scope: cell('scope') }),
      ...(cell('at') === '' ? {} : { at: when.ok ? when.value : cell('at') }),
    });
    if (parsed.success) return { ok: true, suppression: parsed.data };
    const fields = new Map(parsed.error.issues.map((issue) => [String(issue.path[0]), issue.message]));
    return {
      ok: false,
      rejects: [...fields].map(([field, reason]) => ({ line, field, code: `${field}-invalid`, reason })),
    };
  };
}

function addressOf(text: string, channel: string): Address | null {
  if (fingerprintSchema.safeParse(text).success) return { fingerprint: text };
  switch (channel) {
    case 'email':
    case 'e-letter':
      return { email: text };
    case 'sms':
      return { phone: text };
    default:
      return null;
  }
}
