import type { Sender } from '../../domain/delivery/ports';

/** For a machine without Firebase: says which deliveries would have gone out, by id, and sends nothing. */
export function createLogPushSender(
  log: (line: { readonly deliveryId: number; readonly devices: number }) => void,
): Sender<'push'> {
  return {
    connections: 50,
    idempotent: true,
    send: ({ deliveryId, tokens }) => {
      log({ deliveryId, devices: tokens.length });
      return Promise.resolve({ kind: 'accepted', providerId: `log-${deliveryId}` });
    },
    close: () => Promise.resolve(),
  };
}
