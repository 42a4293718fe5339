import { readEnv } from '../config/env';
import { migrate } from '../store/migrate';

/** `node dist/worker/migrate-cli.js`: brings DATABASE_URL up to date and says what it ran. */
async function main(): Promise<void> {
  const { DATABASE_URL } = readEnv();
  if (DATABASE_URL === undefined) throw new Error('DATABASE_URL is not set');
  const ran = await migrate(DATABASE_URL);
  process.stdout.write(`${JSON.stringify({ migrated: ran })}\n`);
}

main().catch((fault: unknown) => {
  process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 1;
});
