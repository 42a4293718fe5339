import type { Sender } from '../../domain/delivery/ports';

/** For where no application fetches its messages: says which deliveries would have waited, by id, and keeps nothing. */
export function createLogInAppSender(
  log: (line: { readonly deliveryId: number; readonly transparent: boolean }) => void,
): Sender<'in-app'> {
  return {
    connections: 50,
    idempotent: true,
    send: ({ deliveryId, transparent }) => {
      log({ deliveryId, transparent });
      return Promise.resolve({ kind: 'accepted', providerId: `log-${deliveryId}` });
    },
    close: () => Promise.resolve(),
  };
}
