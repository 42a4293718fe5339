import type { CapRules } from '../domain/frequency/cap';
import type { Sql } from './db';

export function createCapsStore(sql: Sql) {
  return {
    /** Into an empty table only: what people changed since stays. Answers whether it wrote. */
    async seedIfEmpty(rules: CapRules): Promise<boolean> {
      const rows = Object.entries(rules).map(([key, definition]) => ({ key, definition }));
      const { count } = await sql`
        insert into caps (key, definition)
        select r.key, r.definition from jsonb_to_recordset(${sql.json(rows)}) as r(key text, definition jsonb)
        where not exists (select from caps)`;
      return count > 0;
    },

    async list(): Promise<CapRules> {
      const rows = await sql<
        { key: string; definition: CapRules[string] }[]
      >`select key, definition from caps order by key`;
      return Object.fromEntries(rows.map((r) => [r.key, r.definition]));
    },
  };
}
