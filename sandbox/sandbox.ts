import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startLetterProvider, type LetterProvider } from './letters/letter-provider';
import { startMailSink, type MailSink } from './mail-sink/sink';
import type { ReceivedMail } from './mail-sink/record';
import { startFcm, type FcmStandIn } from './push/fcm';
import { startShop, type Shop } from './shop/shop';
import { startSlackStandIn, type SlackStandIn } from './slack/stand-in';
import type { SlackClick } from './slack/person';
import { startSmsProvider, type SmsProvider } from './sms/sms-provider';

export interface Sandbox {
  readonly mail: MailSink;
  readonly slack: SlackStandIn;
  readonly shop: Shop;
  readonly sms: SmsProvider;
  readonly fcm: FcmStandIn;
  readonly eLetters: LetterProvider;
  /** The environment of the services that makes them talk to the sandbox, whatever was there before. */
  readonly serviceEnv: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface SandboxOptions {
  /** The mail sink's record, and the letters of the print shop, live below it. */
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
  const sms = await startSmsProvider();
  const fcm = await startFcm();
  const eLetters = await startLetterProvider();
  await mkdir(dataDir, { recursive: true });
  const serviceAccount = join(dataDir, 'fcm-service-account.json');
  await writeFile(serviceAccount, JSON.stringify(fcm.serviceAccount));
  return {
    mail,
    slack,
    shop,
    sms,
    fcm,
    eLetters,
    serviceEnv: {
      SMTP_URL: mail.smtpUrl,
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.token,
      SLACK_SIGNING_SECRET: signingSecret,
      SLACK_CHANNEL: '#crm-approvals',
      SMS_URL: sms.url,
      SMS_TOKEN: sms.token,
      TWILIO_ACCOUNT_SID: '',
      FCM_SERVICE_ACCOUNT: serviceAccount,
      FCM_URL: fcm.fcmUrl,
      FCM_TOKEN_URL: fcm.tokenUrl,
      LETTERS_DIR: join(dataDir, 'letters'),
      E_LETTER_URL: eLetters.url,
      E_LETTER_TOKEN: eLetters.token,
      // Whoever is told of something here listens on this machine.
      WEBHOOKS_ANYWHERE: 'true',
      // The crowd lives its weeks in minutes: nobody in it takes two seconds to find a link.
      SCANNER_CLICK_SECONDS: '0',
    },
    async close() {
      await Promise.all([mail, slack, shop, sms, fcm, eLetters].map((part) => part.close()));
    },
  };
}
