/**
 * Mail programs and a mail provider, in a process of their own. Takes `Asked` messages from its parent and answers each
 * with an `Answered`.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLinkSigner } from '../adapters/links/signer';
import { signWebhook } from '../adapters/webhooks/signature';
import type { Answered, Asked } from './events-back-clients';
import { openHttpLines } from './http-lines';

/** Every tenth event of the provider is told again, at once: it must not count twice. */
const TOLD_AGAIN = 10;
const CONNECTIONS = 128;
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

interface Call {
  readonly wanted: number;
  request(): string;
}

async function run({ port, ids, rate, linkSecret, webhookSecret }: Asked): Promise<Answered> {
  const signer = createLinkSigner(linkSecret);
  const head = `host: 127.0.0.1:${port}\r\nuser-agent: ${BROWSER}\r\n`;
  const click = (id: number): Call => ({
    wanted: 302,
    request: () => `GET /t/c/${signer.click(id, 0)} HTTP/1.1\r\n${head}\r\n`,
  });
  const told = (id: number): Call => ({
    wanted: 200,
    request: () => {
      const at = new Date().toISOString();
      const body = JSON.stringify({ events: [{ type: 'delivered', id: `p-${id}`, at, deliveryId: id }] });
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const signature = signWebhook({ secret: webhookSecret, timestamp, body });
      return (
        `POST /webhooks/email HTTP/1.1\r\n${head}content-type: application/json\r\ncontent-length: ${body.length}\r\n` +
        `x-boucle-timestamp: ${timestamp}\r\nx-boucle-signature: ${signature}\r\n\r\n${body}`
      );
    },
  });
  const calls = ids.flatMap((id, n) => [click(id), told(id), ...(n % TOLD_AGAIN === 0 ? [told(id)] : [])]);

  const lines = openHttpLines(port, CONNECTIONS);
  const waits: number[] = [];
  const faults: string[] = [];
  const underWay: Promise<void>[] = [];
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (const [n, { wanted, request }] of calls.entries()) {
    // Due at its own time, whatever became of the ones before: a slow server is not asked more slowly.
    const dueMs = began + (n * 1_000) / rate;
    const early = dueMs - performance.now();
    if (early > 1) await sleep(early);
    underWay.push(
      lines.ask(request()).then(
        (status) => {
          waits.push(performance.now() - dueMs);
          if (status !== wanted) faults.push(`${status} instead of ${wanted}`);
        },
        (fault: unknown) => void faults.push(String(fault)),
      ),
    );
  }
  await Promise.all(underWay);
  const { user, system } = process.cpuUsage(cpu);
  lines.close();
  return {
    calls: calls.length,
    waitsMs: waits.sort((a, b) => a - b),
    faults,
    seconds: (performance.now() - began) / 1_000,
    cpuSeconds: (user + system) / 1e6,
  };
}

process.on('message', (asked: Asked) => {
  void run(asked).then((answered) => process.send?.(answered));
});
process.once('disconnect', () => process.exit(0));
