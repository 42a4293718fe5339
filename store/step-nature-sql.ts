import type postgres from 'postgres';
import type { Sql, Tx } from './db';

/** Nature of a step's message, of a scenario as jsonb: a later step may be of another than the first. */
export const natureOfStep = (
  sql: Sql | Tx,
  scenario: postgres.Fragment,
  step: postgres.Fragment,
): postgres.Fragment => sql`
        coalesce((select s ->> 'nature' from jsonb_array_elements(${scenario} -> 'steps') s where s ->> 'key' = ${step}),
          ${scenario} ->> 'nature')`;
