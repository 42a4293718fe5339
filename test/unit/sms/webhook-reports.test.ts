import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { signWebhook } from '../../../adapters/webhooks/signature';
import { smsWebhooksRoutes, type SmsWebhooksDeps } from '../../../api/routes/sms-webhooks';

const SECRET = 'a secret only for the tests';
const AT = '2026-03-01T10:00:00Z';

async function call(deps: Pick<SmsWebhooksDeps, 'reports' | 'replies'>, events: readonly object[]) {
  const app = Fastify().withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await smsWebhooksRoutes(app, {
    ...deps,
    brands: new Map(),
    publicUrl: 'https://crm.example.test',
    secret: SECRET,
    twilioAuthToken: undefined,
  });
  const body = JSON.stringify({ events });
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const answer = await app.inject({
    method: 'POST',
    url: '/webhooks/sms',
    headers: {
      'content-type': 'application/json',
      'x-boucle-timestamp': timestamp,
      'x-boucle-signature': signWebhook({ secret: SECRET, timestamp, body }),
    },
    body,
  });
  await app.close();
  return answer.json();
}

const reply = (id: string) => ({ type: 'reply', id, at: AT, from: '+33612345001', text: 'STOP' });

test('reports of one call are recorded together, replies one after the other', async () => {
  const REPORTS = 20;
  let release: () => void = () => {};
  const together = new Promise<void>((resolve) => (release = resolve));
  let asked = 0;
  const trace: string[] = [];
  const told = await call(
    {
      reports: {
        // Answers nobody before everybody has asked, as a group that is committed at once.
        record: async ({ ref }) => {
          asked += 1;
          if (asked === REPORTS) release();
          await together;
          return { outcome: 'new', deliveryId: 'deliveryId' in ref ? ref.deliveryId : 0 };
        },
      },
      replies: {
        receive: async ({ id }) => {
          trace.push(`${id} in`);
          await new Promise((resolve) => setTimeout(resolve, id === 'first' ? 20 : 1));
          trace.push(`${id} out`);
          return null;
        },
      },
    },
    [
      reply('first'),
      ...Array.from({ length: REPORTS }, (_, n) => ({
        type: 'delivered',
        id: `d${n}`,
        deliveryId: n + 1,
        at: AT,
      })),
      reply('second'),
    ],
  );
  expect(told).toMatchObject({ accepted: REPORTS, duplicates: 0, unknown: [], contradicting: [] });
  expect(trace).toEqual(['first in', 'first out', 'second in', 'second out']);
}, 5_000);
