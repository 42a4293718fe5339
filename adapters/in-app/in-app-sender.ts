import type { OutgoingInApp, Sender } from '../../domain/delivery/ports';
import { RELAY_UNREACHABLE } from '../../domain/delivery/retry-policy';

/**
 * The application fetches its messages itself, so that one is accepted once it waits there. `publish` must be safe to
 * repeat for the same delivery.
 */
export function createInAppSender(
  publish: (message: OutgoingInApp) => Promise<void>,
  connections: number,
): Sender<'in-app'> {
  return {
    connections,
    idempotent: true,
    async send(message) {
      try {
        await publish(message);
        return { kind: 'accepted', providerId: String(message.deliveryId) };
      } catch {
        // The fault may repeat what it was writing: it goes nowhere.
        return { kind: 'retry', code: RELAY_UNREACHABLE };
      }
    },
    close: () => Promise.resolve(),
  };
}
