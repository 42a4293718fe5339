import type { DeliveryState, Stage } from '../domain/shared/words';
import type { Sql } from './db';

/** Counts for the metrics page, over everything there is. */
export function createMetricsStore(sql: Sql) {
  return {
    /** Campaigns that have not ended. */
    async openCampaignsByStage(): Promise<{ stage: Stage; count: number }[]> {
      return sql<{ stage: Stage; count: number }[]>`
        select stage, count(*) from campaigns where "end" is null group by stage order by stage`;
    },

    async deliveriesByState(): Promise<{ state: DeliveryState; count: number }[]> {
      return sql<{ state: DeliveryState; count: number }[]>`
        select state, count(*) from deliveries group by state order by state`;
    },

    /** Throws where PostgreSQL does not answer. */
    async ping(): Promise<void> {
      await sql`select 1`;
    },
  };
}

export type MetricsStore = ReturnType<typeof createMetricsStore>;
