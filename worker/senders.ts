import { createDkimSigner } from '../adapters/smtp/dkim';
import { readDkimKeys } from '../adapters/smtp/dkim-keys';
import { createLogSender } from '../adapters/smtp/log-sender';
import { createSmtpSender } from '../adapters/smtp/smtp-sender';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { createInAppSender } from '../adapters/in-app/in-app-sender';
import { createLogInAppSender } from '../adapters/in-app/log-sender';
import { createFolderSender } from '../adapters/letters/folder-sender';
import { createHttpsELetterSender } from '../adapters/letters/https-sender';
import { createLogLetterSender } from '../adapters/letters/log-sender';
import { createFcmSender } from '../adapters/push/fcm-sender';
import { createLogPushSender } from '../adapters/push/log-sender';
import { readServiceAccount } from '../adapters/push/service-account';
import { createHttpsSmsSender } from '../adapters/sms/https-sender';
import { createLogSmsSender } from '../adapters/sms/log-sender';
import { createTwilioSender } from '../adapters/sms/twilio-sender';
import { twilioStatusUrl } from '../adapters/sms/twilio-urls';
import type { Env } from '../config/env';
import type { Sender, Senders } from '../domain/delivery/ports';
import type { Channel } from '../domain/shared/words';
import type { Db } from '../store/db';
import { createDevicesStore } from '../store/devices-store';
import { createInAppStore } from '../store/in-app-store';

/** Messages of each channel that may be on the wire at once. */
export type Connections = Readonly<Record<Channel, number>>;

/** FCM multiplies little by little; more at once would only wait there. */
const PUSH_CONNECTIONS = 16;
/** Making a PDF is work of this process: some at once hide the disk, more would hold up the rest. */
const LETTER_CONNECTIONS = 4;
/** Leaves the pool's other connections to the ledger. */
const IN_APP_CONNECTIONS = 4;

const campaignConnections = (env: Env): Connections => ({
  email: env.SMTP_CONNECTIONS,
  sms: env.SMS_CONNECTIONS,
  push: PUSH_CONNECTIONS,
  'in-app': IN_APP_CONNECTIONS,
  letter: LETTER_CONNECTIONS,
  'e-letter': LETTER_CONNECTIONS,
});

/**
 * What carries messages of each channel, as the environment says; what it says nothing of goes to the log. Without
 * `connections`, as many as campaigns have.
 */
export function createSenders(
  env: Env,
  db: Db,
  log: Logger,
  connections: Connections = campaignConnections(env),
): Senders {
  const letter = letterSender(env, log, connections.letter);
  return {
    email: emailSender(env, log, connections.email),
    sms: smsSender(env, log, connections.sms),
    push: pushSender(env, db, log, connections.push),
    'in-app': inAppSender(env, db, log, connections['in-app']),
    letter,
    'e-letter': eLetterSender(env, connections['e-letter']) ?? letter,
  };
}

/** A sender may carry two channels; it is closed once. */
export const closeSenders = async (senders: Senders): Promise<void> => {
  await Promise.all([...new Set<{ close(): Promise<void> }>(Object.values(senders))].map((s) => s.close()));
};

function emailSender(env: Env, log: Logger, connections: number): Sender<'email'> {
  if (env.SMTP_URL === undefined)
    return createLogSender((line) => log.info(line, 'no SMTP_URL: an e-mail went nowhere'));
  return createSmtpSender({
    url: env.SMTP_URL,
    connections,
    ...(env.DKIM_KEYS_DIR ? { dkim: createDkimSigner(readDkimKeys(env.DKIM_KEYS_DIR)) } : {}),
  });
}

function smsSender(env: Env, log: Logger, connections: number): Sender<'sms'> {
  if (env.TWILIO_ACCOUNT_SID !== undefined && env.TWILIO_AUTH_TOKEN !== undefined) {
    return createTwilioSender({
      accountSid: env.TWILIO_ACCOUNT_SID,
      authToken: env.TWILIO_AUTH_TOKEN,
      statusUrl: (deliveryId) => twilioStatusUrl(env.PUBLIC_URL, deliveryId),
      connections,
      ...(env.TWILIO_MESSAGING_SERVICE_SID === undefined
        ? {}
        : { messagingServiceSid: env.TWILIO_MESSAGING_SERVICE_SID }),
      ...(env.TWILIO_API_URL === undefined ? {} : { apiUrl: env.TWILIO_API_URL }),
    });
  }
  if (env.SMS_URL !== undefined && env.SMS_TOKEN !== undefined)
    return createHttpsSmsSender({ url: env.SMS_URL, token: env.SMS_TOKEN, connections });
  return createLogSmsSender((line) => log.info(line, 'no SMS_URL: an SMS went nowhere'));
}

function pushSender(env: Env, db: Db, log: Logger, connections: number): Sender<'push'> {
  if (env.FCM_SERVICE_ACCOUNT === undefined)
    return createLogPushSender((line) =>
      log.info(line, 'no FCM_SERVICE_ACCOUNT: a push message went nowhere'),
    );
  const devices = createDevicesStore(db, env.BOUCLE_PEPPER);
  return createFcmSender({
    account: readServiceAccount(env.FCM_SERVICE_ACCOUNT),
    connections,
    onUnregistered: (tokens) => devices.revoke(tokens),
    ...(env.FCM_URL === undefined ? {} : { fcmUrl: env.FCM_URL }),
    ...(env.FCM_TOKEN_URL === undefined ? {} : { tokenUrl: env.FCM_TOKEN_URL }),
  });
}

function inAppSender(env: Env, db: Db, log: Logger, connections: number): Sender<'in-app'> {
  if (env.IN_APP === 'log')
    return createLogInAppSender((line) => log.info(line, 'IN_APP=log: an in-app message waits nowhere'));
  const inApp = createInAppStore(db);
  return createInAppSender((message) => inApp.publish(message), connections);
}

function letterSender(env: Env, log: Logger, connections: number): Sender<'letter'> & Sender<'e-letter'> {
  return env.LETTERS_DIR === undefined
    ? createLogLetterSender((line) => log.info(line, 'no LETTERS_DIR: a letter went nowhere'))
    : createFolderSender({ folder: env.LETTERS_DIR, connections });
}

function eLetterSender(env: Env, connections: number): Sender<'e-letter'> | null {
  if (env.E_LETTER_URL === undefined || env.E_LETTER_TOKEN === undefined) return null;
  return createHttpsELetterSender({
    url: env.E_LETTER_URL,
    token: env.E_LETTER_TOKEN,
    folder: join(env.LETTERS_DIR ?? env.BOUCLE_DATA_DIR, 'e-letters'),
    connections,
  });
}
