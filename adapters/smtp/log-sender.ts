import type { EmailSender } from '../../domain/delivery/ports';

/** For a machine without a relay: says which deliveries would have gone out, by id, and sends nothing. */
export function createLogSender(
  log: (line: { readonly deliveryId: number; readonly bytes: number }) => void,
): EmailSender {
  return {
    connections: 50,
    idempotent: true,
    send: (email) => {
      log({
        deliveryId: email.deliveryId,
        bytes: email.mime?.length ?? Buffer.byteLength(email.html) + Buffer.byteLength(email.text),
      });
      return Promise.resolve({ kind: 'accepted', providerId: `log-${email.deliveryId}` });
    },
    close: () => Promise.resolve(),
  };
}
