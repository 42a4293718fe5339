import { UNREGISTERED_DEVICE } from '../../domain/delivery/bounce';
import type { OutgoingPush, Sender, SendOutcome } from '../../domain/delivery/ports';
import { RELAY_REFUSED } from '../../domain/delivery/retry-policy';
import { createPostClient } from '../http/post';
import { fcmOutcome, personOutcome } from './fcm-outcome';
import { createAccessTokens, type ServiceAccount } from './service-account';

export interface FcmSenderOptions {
  readonly account: ServiceAccount;
  readonly connections: number;
  /** Called with tokens FCM says are no device's any more. */
  readonly onUnregistered: (tokens: readonly string[]) => Promise<void>;
  /** Left out, Google's. */
  readonly fcmUrl?: string;
  readonly tokenUrl?: string;
  readonly answerTimeoutMs?: number;
}

/** FCM's HTTP v1 API (firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send), one request a device. */
export function createFcmSender(options: FcmSenderOptions): Sender<'push'> {
  const client = createPostClient({
    connections: options.connections,
    ...(options.answerTimeoutMs === undefined ? {} : { answerTimeoutMs: options.answerTimeoutMs }),
  });
  const accessToken = createAccessTokens(options.account, options.tokenUrl);
  const url = `${options.fcmUrl ?? 'https://fcm.googleapis.com'}/v1/projects/${options.account.project_id}/messages:send`;

  const sendTo = async (bearer: string, message: OutgoingPush, token: string): Promise<SendOutcome> =>
    fcmOutcome(
      await client.post({
        url,
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        body: JSON.stringify({ message: messageOf(message, token) }),
      }),
    );

  return {
    connections: options.connections,
    idempotent: false,
    async send(message) {
      if (message.tokens.length === 0) return { kind: 'failed', code: UNREGISTERED_DEVICE };
      let bearer: string;
      try {
        bearer = await accessToken();
      } catch {
        return { kind: 'retry', code: RELAY_REFUSED };
      }
      const devices = await Promise.all(
        message.tokens.map(async (token) => ({ token, outcome: await sendTo(bearer, message, token) })),
      );
      const gone = devices
        .filter(({ outcome }) => outcome.kind === 'failed' && outcome.code === UNREGISTERED_DEVICE)
        .map(({ token }) => token);
      // What cannot be noted now is told again at the next message: the outcome must not be lost for it.
      if (gone.length > 0) await options.onUnregistered(gone).catch(() => {});
      return personOutcome(devices.map(({ outcome }) => outcome));
    },
    close() {
      client.close();
      return Promise.resolve();
    },
  };
}

/** The same delivery under one collapse key and tag: however often it came, a device shows it once. */
function messageOf({ deliveryId, title, body, url }: OutgoingPush, token: string) {
  const tag = `d${deliveryId}`;
  return {
    token,
    notification: { title, body },
    data: { deliveryId: String(deliveryId), ...(url === null ? {} : { url }) },
    android: { collapse_key: tag, notification: { tag } },
    apns: { headers: { 'apns-collapse-id': tag } },
    webpush: {
      notification: { tag },
      // FCM takes https alone here.
      ...(url?.startsWith('https:') === true ? { fcm_options: { link: url } } : {}),
    },
  };
}
