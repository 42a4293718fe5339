import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromRoot } from '../../config/paths';
import { startPostgres } from '../../stack/postgres';
import { migrate } from '../../store/migrate';
import { environmentDoc } from './generate/environment-doc';
import { errorsDoc } from './generate/errors-doc';
import { openApiDocument } from '../../api/openapi-document';
import { schemaDump } from './generate/schema-dump';

async function schema(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'boucle-schema-'));
  // As root PostgreSQL runs as another user, who has to pass through.
  chmodSync(dir, 0o755);
  const server = await startPostgres({ dataDir: dir, port: 0, settings: { fsync: 'off' } });
  try {
    await migrate(server.url);
    return await schemaDump(server.url);
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Every file of the repository that is made from another. A new one is a line here. */
const GENERATED: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/environment.md': environmentDoc,
  'docs/errors.md': errorsDoc,
  'docs/openapi.json': openApiDocument,
  'store/schema.sql': schema,
};

/** `npm run generate` writes them; with --check it says which are out of date, and fails. */
async function main(): Promise<void> {
  const check = process.argv.includes('--check');
  const stale: string[] = [];
  for (const [file, make] of Object.entries(GENERATED)) {
    const path = fromRoot(file);
    const content = await make();
    if (existsSync(path) && readFileSync(path, 'utf8') === content) continue;
    if (check) stale.push(file);
    else writeFileSync(path, content);
  }
  if (stale.length === 0) return;
  process.stderr.write(`out of date: ${stale.join(', ')}. Run npm run generate.\n`);
  process.exitCode = 1;
}

main().catch((fault: unknown) => {
  process.stderr.write(`${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}\n`);
  process.exitCode = 1;
});
