import { join } from 'node:path';
import { startMailSink, type MailSink } from './mail-sink/sink';
import type { ReceivedMail } from './mail-sink/record';
import { startShop, type Shop } from './shop/shop';
import { startSlackStandIn, type SlackStandIn } from './slack/stand-in';
import type { SlackClick } from './slack/person';

export interface Sandbox {
  readonly mail: MailSink;
  readonly slack: SlackStandIn;
  readonly shop: Shop;
  /** The environment of the services that makes them talk to the sandbox, whatever was there before. */
  readonly serviceEnv: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface SandboxOptions {
  /** The mail sink's record lives below it. */
  readonly dataDir: string;
  readonly signingSecret: string;
  readonly onMail?: (mail: ReceivedMail, raw: Buffer) => void;
  readonly onClick?: (click: SlackClick) => void;
}

/** Everything outside of Boucle, on this machine: nothing it sends leaves it. */
export async function startSandbox({
  dataDir,
  signingSecret,
  onMail,
  onClick,
}: SandboxOptions): Promise<Sandbox> {
  const mail = await startMailSink({ dataDir: join(dataDir, 'mail-sink'), ...(onMail ? { onMail } : {}) });
  const slack = await startSlackStandIn({ signingSecret, ...(onClick ? { onClick } : {}) });
  const shop = await startShop();
  return {
    mail,
    slack,
    shop,
    serviceEnv: {
      SMTP_URL: mail.smtpUrl,
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.token,
      SLACK_SIGNING_SECRET: signingSecret,
      SLACK_CHANNEL: '#crm-approvals',
    },
    async close() {
      await Promise.all([mail.close(), slack.close(), shop.close()]);
    },
  };
}
