import type { DeliveryRow } from '../store/ledger-store';
import { toCsv } from './csv';

/** Rows read at a time: what one export holds in memory, however long the file. */
const PAGE = 2_000;

const COLUMNS = {
  id: (row) => row.id,
  profile_id: (row) => row.profileId,
  step: (row) => row.step,
  wave: (row) => row.wave,
  arm: (row) => row.arm,
  persona: (row) => row.persona,
  channel: (row) => row.channel,
  creative_id: (row) => row.creativeId,
  state: (row) => row.state,
  code: (row) => row.code,
  reason: (row) => row.reason,
  consent_event_id: (row) => row.consentEventId,
  tried: (row) => row.tried.join(' '),
  attempts: (row) => row.attempts,
  cost_micros: (row) => row.costMicros,
  not_before: (row) => row.notBefore?.toISOString() ?? null,
  gated_at: (row) => row.gatedAt.toISOString(),
  settled_at: (row) => row.settledAt?.toISOString() ?? null,
  provider_id: (row) => row.providerId,
} satisfies Record<string, (row: DeliveryRow) => string | number | null>;

/** Page by page of the ledger's key, each read when the one before has been written out. */
export async function* deliveriesCsv(
  read: (page: {
    readonly afterId: number | undefined;
    readonly limit: number;
  }) => Promise<readonly DeliveryRow[]>,
): AsyncGenerator<string> {
  yield toCsv(Object.keys(COLUMNS), []);
  for (let afterId: number | undefined; ;) {
    const rows = await read({ afterId, limit: PAGE });
    const [first, ...rest] = rows.map(cells);
    if (first !== undefined) yield toCsv(first, rest);
    afterId = rows.at(-1)?.id;
    if (rows.length < PAGE) return;
  }
}

const cells = (row: DeliveryRow): string[] =>
  Object.values(COLUMNS).map((column) => safe(String(column(row) ?? '')));

/** A provider's id may be anything: a spreadsheet must not take it for a formula. */
const safe = (value: string): string =>
  /^[=+@\t\r-]/.test(value) && Number.isNaN(Number(value)) ? `'${value}` : value;
