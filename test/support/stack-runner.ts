import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnv } from '../../config/env';
import { startStack } from '../../stack/stack';
import { onStopSignal } from '../../stack/until-signal';

/** A stack of its own process, which a test may kill: says `READY {json}` once it is up. Services are stand-ins. */
const API = `
const http = require('node:http');
http.createServer((req, res) => res.end(JSON.stringify({ url: req.url, publicUrl: process.env.PUBLIC_URL, admin: process.env.BOUCLE_ADMIN_KEY })))
  .listen(Number(process.env.API_PORT), process.env.API_HOST);
process.on('SIGTERM', () => process.exit(0));`;
const WORKER = `setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit(0));`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const env = readEnv();
  const scripts = {
    api: join(env.BOUCLE_DATA_DIR, 'stand-in-api.js'),
    worker: join(env.BOUCLE_DATA_DIR, 'stand-in-worker.js'),
  };
  writeFileSync(scripts.api, API);
  writeFileSync(scripts.worker, WORKER);
  const signal = onStopSignal(async () => (await starting.catch(() => undefined))?.stop(), say);
  const starting = startStack({ env, scripts, log: say, signal });
  const stack = await starting;
  say(
    `READY ${JSON.stringify({ pids: stack.pids(), apiUrl: stack.apiUrl, databaseUrl: stack.databaseUrl, temporalAddress: stack.temporalAddress, adminKey: stack.secrets.adminKey })}`,
  );
  setInterval(() => say(`PIDS ${JSON.stringify(stack.pids())}`), 300);
}

main().catch((fault: unknown) => {
  say(`FAILED ${fault instanceof Error ? fault.message : String(fault)}`);
  process.exitCode = 1;
});
