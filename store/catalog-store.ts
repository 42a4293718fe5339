import type { Product } from '../domain/offers/product';
import type { Sql } from './db';

export interface KnownProduct {
  readonly sku: string;
  readonly name: string;
  readonly category: string;
  readonly market: string | null;
  readonly priceCents: number | null;
  readonly currency: string | null;
  readonly url: string | null;
  readonly imageUrl: string | null;
  readonly active: boolean;
  readonly updatedBy: string;
  readonly updatedAt: Date;
}

/** What is sold, by sku. */
export function createCatalogStore(sql: Sql) {
  const columns = sql`sku, name, category, market, price_cents as "priceCents", currency, url, image_url as "imageUrl", active,
    updated_by as "updatedBy", updated_at as "updatedAt"`;
  return {
    /** Each as it is given; the last of those that share a sku. Answers how many are new or say something new. */
    async put(products: readonly Product[], by: string): Promise<number> {
      const rows = [...new Map(products.map((one) => [one.sku, one])).values()];
      const { count } = await sql`
        insert into products as p (sku, name, category, market, price_cents, currency, url, image_url, active, updated_by)
        select sku, name, category, market, "priceCents", currency, url, "imageUrl", active, ${by}
        from json_to_recordset(${JSON.stringify(rows)}::text::json)
          as x(sku text, name text, category text, market text, "priceCents" bigint, currency text, url text, "imageUrl" text, active boolean)
        order by sku
        on conflict (sku) do update
          set name = excluded.name, category = excluded.category, market = excluded.market, price_cents = excluded.price_cents,
            currency = excluded.currency, url = excluded.url, image_url = excluded.image_url, active = excluded.active,
            updated_by = excluded.updated_by, updated_at = now()
          where (p.name, p.category, p.market, p.price_cents, p.currency, p.url, p.image_url, p.active)
            is distinct from (excluded.name, excluded.category, excluded.market, excluded.price_cents, excluded.currency,
              excluded.url, excluded.image_url, excluded.active)`;
      return count;
    },

    /** By sku; `after`: a sku. */
    async list(given: {
      readonly category?: string | undefined;
      readonly market?: string | undefined;
      readonly after: string;
      readonly limit: number;
    }): Promise<KnownProduct[]> {
      return sql<KnownProduct[]>`
        select ${columns} from products
        where sku > ${given.after} and (${given.category ?? null}::text is null or category = ${given.category ?? null}::text)
          and (${given.market ?? null}::text is null or market is null or market = ${given.market ?? null}::text)
        order by sku limit ${given.limit}`;
    },

    async get(sku: string): Promise<KnownProduct | null> {
      const [row] = await sql<KnownProduct[]>`select ${columns} from products where sku = ${sku}`;
      return row ?? null;
    },

    /** Answers whether it was there. */
    async remove(sku: string): Promise<boolean> {
      return (await sql`delete from products where sku = ${sku}`).count > 0;
    },
  };
}

export type CatalogStore = ReturnType<typeof createCatalogStore>;
