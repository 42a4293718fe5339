import { readEnv } from '../config/env';
import { secretsFile } from './secrets';
import { startStack } from './stack';
import { onStopSignal } from './until-signal';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** `npm start`: the stack for real use, until Ctrl-C. */
async function main(): Promise<void> {
  const env = readEnv();
  // Named before it is there: a signal is heard only once we wait.
  const signal = onStopSignal(async () => {
    // A start that was given up has stopped its parts itself.
    const stack = await starting.catch(() => undefined);
    await stack?.stop();
  }, say);
  const began = Date.now();
  say('Starting PostgreSQL, Temporal, the worker and the api.');
  const starting = startStack({ env, log: say, signal });
  const stack = await starting;
  say(`Boucle is up (${((Date.now() - began) / 1_000).toFixed(1)} s). Ctrl-C stops all of it.
  campaigns    ${stack.apiUrl}/campaigns
  api          ${stack.apiUrl}/docs
  Temporal UI  ${stack.temporalUiUrl}
  database     ${new URL(stack.databaseUrl).host}
  admin key    in ${secretsFile(env.BOUCLE_DATA_DIR)} (adminKey)
  logs         ${stack.logsDir}`);
  if (env.SMTP_URL === undefined) say('  e-mails go to the log alone: give SMTP_URL to send them.');
}

main().catch((fault: unknown) => {
  // Stopped by a signal: the handler ends the process.
  if (fault instanceof Error && fault.message.startsWith('stopped by ')) return;
  process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 1;
});
