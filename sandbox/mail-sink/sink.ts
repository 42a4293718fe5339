import fastify from 'fastify';
import { freePort } from '../../stack/ports';
import { openMailRecord, type MailRecord, type ReceivedMail } from './record';
import { startSmtpSink } from './smtp';
import { mailSinkRoutes } from './web';

export interface MailSinkOptions {
  /** Folder of the record; earlier mails in it are kept. */
  readonly dataDir: string;
  readonly host?: string;
  /** Ports wanted; the next free ones when they are taken, any free one for 0. */
  readonly smtpPort?: number;
  readonly webPort?: number;
  readonly onMail?: (mail: ReceivedMail, raw: Buffer) => void;
}

export interface MailSink {
  /** smtp://host:port */
  readonly smtpUrl: string;
  /** Page and JSON. */
  readonly webUrl: string;
  readonly record: MailRecord;
  close(): Promise<void>;
}

export async function startMailSink({
  dataDir,
  host = '127.0.0.1',
  smtpPort = 2525,
  webPort = 8025,
  onMail,
}: MailSinkOptions): Promise<MailSink> {
  const record = openMailRecord(dataDir);
  const smtp = await startSmtpSink({
    host,
    port: await freePort(smtpPort, host),
    record,
    ...(onMail ? { onMail } : {}),
  });
  const app = fastify({ forceCloseConnections: true });
  await app.register(mailSinkRoutes(record));
  const webUrl = await app.listen({ host, port: await freePort(webPort, host) });
  return {
    smtpUrl: `smtp://${host}:${smtp.port}`,
    webUrl,
    record,
    async close() {
      await smtp.close();
      await app.close();
      await record.close();
    },
  };
}
