import type postgres from 'postgres';
import type { Sql, Tx } from '../db';

/**
 * A common table expression `moved (id, stands)`: profiles that were merged away, and who stands for each. What they were
 * sent keeps their number; what they did since is the other's. There are few: each statement finds them anew.
 */
export const movedCte = (sql: Sql | Tx): postgres.Fragment => sql`
  moved as materialized (select id, standing(id) as stands from profiles where merged_into is not null)`;

/** Who stands for the profile in `column`; over `moved`. */
export const standsFor = (sql: Sql | Tx, column: postgres.Fragment): postgres.Fragment =>
  sql`coalesce((select m.stands from moved m where m.id = ${column}), ${column})`;
