/**
 * Mail programs and a mail provider, in a process of their own. Takes `Asked` messages from its parent and answers each
 * with an `Answered`.
 */
import { createLinkSigner } from '../adapters/links/signer';
import { signWebhook } from '../adapters/webhooks/signature';
import type { Answered, Asked } from './events-back-clients';
import { paced, type Call } from './paced';

/** Every tenth event of the provider is told again, at once: it must not count twice. */
const TOLD_AGAIN = 10;
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

function run({ port, ids, rate, secrets: { link = '', webhook = '' } }: Asked): Promise<Answered> {
  const signer = createLinkSigner(link);
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
      const signature = signWebhook({ secret: webhook, timestamp, body });
      return (
        `POST /webhooks/email HTTP/1.1\r\n${head}content-type: application/json\r\ncontent-length: ${body.length}\r\n` +
        `x-boucle-timestamp: ${timestamp}\r\nx-boucle-signature: ${signature}\r\n\r\n${body}`
      );
    },
  });
  const calls = ids.flatMap((id, n) => [click(id), told(id), ...(n % TOLD_AGAIN === 0 ? [told(id)] : [])]);

  return paced(port, calls, rate);
}

process.on('message', (asked: Asked) => {
  void run(asked).then((answered) => process.send?.(answered));
});
process.once('disconnect', () => process.exit(0));
