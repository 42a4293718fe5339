import type { Sql } from './db';
import { counters, type Counters } from './delivery/counters';
import { listDeliveries, type DeliveryFilter, type DeliveryRow } from './delivery/list';
import { settle, settleMany, type BulkSettlement, type Settlement } from './delivery/settle';

/** The ledger as people ask about it and settle what nobody knew. Whatever sends goes through the delivery store. */
export function createLedgerStore(sql: Sql) {
  return {
    list: (filter: DeliveryFilter): Promise<DeliveryRow[]> => listDeliveries(sql, filter),
    counters: (campaignId: string): Promise<Counters> => counters(sql, campaignId),
    /** What became of an uncertain message, told later. Answers whether it was one. */
    settle: (settlement: Settlement): Promise<boolean> => settle(sql, settlement),
    settleMany: (settlement: BulkSettlement): Promise<number> => settleMany(sql, settlement),
  };
}

export type LedgerStore = ReturnType<typeof createLedgerStore>;
export type { DeliveryFilter, DeliveryRow };
