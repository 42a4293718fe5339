import { readdirSync, readFileSync } from 'node:fs';
import postgres from 'postgres';
import { migrationFile } from './migrations-path';
import { LOCKS } from './locks';

/**
 * Brings the database up to date, forward only: each file of store/migrations once, in order, each in a transaction
 * of its own. Safe to call from several processes at once. Answers the names it ran.
 */
export async function migrate(url: string): Promise<string[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const ran: string[] = [];
  try {
    await sql`select pg_advisory_lock(${LOCKS.migration})`;
    await sql`create table if not exists public.boucle_migrations (name text primary key, ran_at timestamptz not null default now())`;
    const done = new Set(
      (await sql<{ name: string }[]>`select name from public.boucle_migrations`).map((r) => r.name),
    );
    const files = readdirSync(migrationFile())
      .filter((f) => f.endsWith('.sql'))
      .sort();
    for (const file of files.filter((f) => !done.has(f))) {
      await sql.begin(async (tx) => {
        await tx.unsafe(readFileSync(migrationFile(file), 'utf8'));
        await tx`insert into public.boucle_migrations (name) values (${file})`;
      });
      ran.push(file);
    }
    return ran;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
