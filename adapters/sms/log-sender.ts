import { smsSegments } from '../../domain/delivery/sms-segments';
import type { Sender } from '../../domain/delivery/ports';

/** For a machine without an SMS provider: says which deliveries would have gone out, by id, and sends nothing. */
export function createLogSmsSender(
  log: (line: { readonly deliveryId: number; readonly segments: number }) => void,
): Sender<'sms'> {
  return {
    connections: 50,
    idempotent: true,
    send: ({ deliveryId, text }) => {
      const { segments } = smsSegments(text);
      log({ deliveryId, segments });
      return Promise.resolve({ kind: 'accepted', providerId: `log-${deliveryId}`, units: segments });
    },
    close: () => Promise.resolve(),
  };
}
