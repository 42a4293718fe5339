import { readEnv } from '../config/env';
import { prepareNamespace } from '../stack/temporal-namespace';
import { migrate } from '../store/migrate';

/**
 * `node dist/worker/migrate-cli.js`: brings DATABASE_URL up to date and, where TEMPORAL_ADDRESS is given, registers
 * the search attributes there. What a deployment runs before its api and workers.
 */
async function main(): Promise<void> {
  const env = readEnv();
  if (env.DATABASE_URL === undefined) throw new Error('DATABASE_URL is not set');
  const migrated = await migrate(env.DATABASE_URL);
  if (env.TEMPORAL_ADDRESS !== undefined) {
    const {
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      TEMPORAL_API_KEY: apiKey,
      TEMPORAL_TLS: tls,
    } = env;
    await prepareNamespace({ address, namespace, apiKey, tls }, false);
  }
  process.stdout.write(`${JSON.stringify({ migrated })}\n`);
}

main().catch((fault: unknown) => {
  process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 1;
});
