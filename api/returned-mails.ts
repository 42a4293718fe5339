import { findDelivery, type FindDeliveryDeps } from '../adapters/bounces/find-delivery';
import { readReturnedMail } from '../adapters/bounces/read-returned-mail';
import type { ProviderHappening } from '../domain/delivery/provider-event';
import type { ProviderEventsStore, Told } from '../store/provider-events-store';

export interface ReturnedMailsDeps {
  readonly provider: Pick<ProviderEventsStore, 'record'>;
  readonly find: FindDeliveryDeps;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

type MailStatus = Awaited<ReturnType<typeof readReturnedMail>>['status'];

export interface ReturnedMailAnswer {
  readonly kind: MailStatus['kind'];
  /** Why it says nothing to rely on; null: it does. */
  readonly why: string | null;
  readonly outcome: Told['outcome'];
}

/** A mail as it came to a return path or a feedback loop's address, by whichever door. The same one twice counts once. */
export function createReturnedMails({ provider, find, now = Date.now }: ReturnedMailsDeps) {
  return {
    /** `recipient`: of the envelope, where the door knows it. */
    async receive(raw: Uint8Array, recipient: string | null): Promise<ReturnedMailAnswer> {
      const mail = await readReturnedMail(raw);
      const { status } = mail;
      const { kind } = status;
      const why = status.kind === 'unknown' ? status.why : null;
      const ref = findDelivery(mail, recipient, find);
      if (ref === null) return { kind, why, outcome: 'no-delivery' };
      const { outcome } = await provider.record({
        id: mail.id,
        // A date that lies ahead is a clock that is wrong.
        at: new Date(Math.min(mail.at?.getTime() ?? now(), now())),
        ref,
        happening: happeningOf(status),
        by: 'report',
      });
      return { kind, why, outcome };
    },
  };
}

function happeningOf(status: MailStatus): ProviderHappening {
  switch (status.kind) {
    case 'bounced':
      return { kind: 'bounced', hard: status.hard, code: status.code };
    case 'complained':
    case 'deferred':
    case 'delivered':
      return { kind: status.kind };
    case 'unknown':
      return { kind: 'returned' };
  }
}
