import type { Sql } from './db';

/** Tables written in bulk and read at once afterwards, by the pool that may look at them. */
type Analysed =
  'profiles' | 'profile_keys' | 'events' | 'consent_state' | 'audience_members' | 'identity.people';

/** Fresh statistics for the planner. Where the role may not, PostgreSQL warns and nothing happens. */
export async function analyze(sql: Sql, tables: readonly Analysed[]): Promise<void> {
  for (const table of tables) await sql`analyze ${sql(table)}`;
}
