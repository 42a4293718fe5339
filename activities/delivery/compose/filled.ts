import type { PersonalUrls } from '../../../adapters/renderer/slots';
import type { MessageValues } from '../../../domain/campaigns/message-values';
import type { PersonValues } from '../../../domain/creatives/variables';
import type { SendOutcome } from '../../../domain/delivery/ports';
import type { ClaimedDelivery } from '../../../store/delivery/claim';
import type { Recipient } from '../../../store/delivery-store';
import type { DeliveryDeps, FillCreative, Message, SendingCreative } from '../deps';
import { failed } from './composed';

export interface Filled {
  readonly creative: SendingCreative;
  readonly message: Message;
  /** The tracked address of the creative's first link; null: it has none. */
  readonly url: string | null;
}

export type Filler = (
  delivery: ClaimedDelivery,
  recipient: Recipient,
) => Filled | { readonly outcome: SendOutcome };

/** Whose message it is, and of which creative: what filling in takes. */
export interface Personal {
  readonly creative: SendingCreative;
  readonly person: PersonValues;
  readonly urls: PersonalUrls;
  readonly values: MessageValues;
}

export type PersonalOf = (
  delivery: ClaimedDelivery,
  recipient: Recipient,
) => Personal | { readonly outcome: SendOutcome };

export function createPersonalOf(
  urls: DeliveryDeps['urls'],
  creatives: readonly SendingCreative[],
): PersonalOf {
  const byId = new Map(creatives.map((creative) => [creative.creativeId, creative]));
  return (delivery, { firstName, lastName, city, values }) => {
    const creative = delivery.creativeId === null ? undefined : byId.get(delivery.creativeId);
    if (creative === undefined) return failed('no-creative');
    const links: string[] = [];
    for (const { index } of creative.links) links[index] = urls.click(delivery.id, index);
    return {
      creative,
      person: { firstName: firstName ?? null, lastName: lastName ?? null, city: city ?? null },
      urls: {
        links,
        // Signed for those who ask for it: a short message mostly has none.
        get unsubscribeUrl() {
          return urls.unsubscribe(delivery.id);
        },
        pixelUrl: delivery.openPixel ? urls.open(delivery.id) : null,
      },
      values: values ?? {},
    };
  };
}

/** Fills the approved creative of a delivery in for one person; each creative is parsed once. */
export function createFiller(deps: Pick<DeliveryDeps, 'compile'>, personalOf: PersonalOf): Filler {
  const compiled = new Map<number, FillCreative>();

  const fillOf = (creative: SendingCreative): FillCreative => {
    const known = compiled.get(creative.creativeId);
    if (known) return known;
    const fill = deps.compile(creative);
    compiled.set(creative.creativeId, fill);
    return fill;
  };

  return (delivery, recipient) => {
    const personal = personalOf(delivery, recipient);
    if ('outcome' in personal) return personal;
    const { creative, person, urls, values } = personal;
    try {
      return { creative, message: fillOf(creative)(person, urls, values), url: urls.links[0] ?? null };
    } catch {
      // The fault may repeat what it was filling in: it goes nowhere.
      return failed('personalisation');
    }
  };
}
