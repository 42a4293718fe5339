import { LAG_BUCKETS, LATEST_BUCKET } from '../domain/delivery/attribution';
import type { Sql } from './db';
import { creditedCtes, stepName } from './delivery/credited-sql';

export interface Credit {
  readonly conversions: number;
  /** Each counted once, however often they converted. */
  readonly people: number;
  /** By ISO 4217 code: amounts of two currencies are never added up. */
  readonly valueCents: Readonly<Record<string, number>>;
}

export interface Attribution extends Credit {
  readonly byArm: Readonly<Record<string, Credit>>;
  readonly byStep: Readonly<Record<string, Credit>>;
  readonly byChannel: Readonly<Record<string, Credit>>;
  /** By the time from touch to conversion. */
  readonly byLag: Readonly<Record<string, Credit>>;
}

interface Row extends Credit {
  readonly dimension: 'all' | 'arm' | 'step' | 'channel' | 'lag';
  readonly key: string;
}

const NOBODY: Credit = { conversions: 0, people: 0, valueCents: {} };

export function createAttributionStore(sql: Sql) {
  return {
    async of(campaignId: string): Promise<Attribution> {
      const limits = LAG_BUCKETS.map((bucket) => bucket.belowSeconds);
      const names = [...LAG_BUCKETS.map((bucket) => bucket.key), LATEST_BUCKET];
      const rows = await sql<Row[]>`
        with ${creditedCtes(sql, campaignId)},
        cut as materialized (
          select c.profile_id, c.value_cents, c.currency, g.dimension, g.key
          from credited c join deliveries d on d.id = c.delivery_id
          cross join lateral (values ('all', ''), ('arm', d.arm), ('step', ${stepName(sql)}), ('channel', d.channel),
            ('lag', (${names}::text[])[1 + width_bucket(extract(epoch from c.at - c.touched_at)::float8, ${limits}::float8[])])
          ) g (dimension, key)
        ),
        money as (
          select dimension, key, jsonb_object_agg(currency, cents) as cents from (
            select dimension, key, currency, sum(value_cents) as cents from cut
            where value_cents is not null and currency is not null group by dimension, key, currency
          ) m group by dimension, key
        )
        select dimension, key, count(*) as conversions, count(distinct profile_id) as people,
          coalesce((select m.cents from money m where m.dimension = cut.dimension and m.key = cut.key), '{}') as "valueCents"
        from cut group by dimension, key order by dimension, key`;
      const by = (dimension: Row['dimension']): Record<string, Credit> =>
        Object.fromEntries(
          rows
            .filter((row) => row.dimension === dimension)
            .map(({ key, conversions, people, valueCents }) => [key, { conversions, people, valueCents }]),
        );
      return {
        ...(by('all')[''] ?? NOBODY),
        byArm: by('arm'),
        byStep: by('step'),
        byChannel: by('channel'),
        byLag: by('lag'),
      };
    },
  };
}

export type AttributionStore = ReturnType<typeof createAttributionStore>;
