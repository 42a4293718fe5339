import type { Brand } from '../../domain/creatives/ports';
import type { PersonValues } from '../../domain/creatives/variables';
import type { OutgoingEmail, SendOutcome } from '../../domain/delivery/ports';
import type { ClaimedDelivery } from '../../store/delivery/claim';
import type { Recipient, WaveTerms } from '../../store/delivery-store';
import type { DeliveryDeps, Message, PersonalUrls, SendingCreative } from './deps';

export type Composed = { readonly email: OutgoingEmail } | { readonly outcome: SendOutcome };

const failed = (code: string): Composed => ({ outcome: { kind: 'failed', code } });

/** Header tokens may not hold a colon: it separates the four fields of a Feedback-ID. */
const field = (text: string): string => text.replace(/[^\w.-]/g, '-');

/**
 * Makes one person's message of a claimed delivery. Nothing here throws for a person's data: a message that cannot be
 * made is that row's failure and nobody else's.
 */
export function createComposer(
  deps: Pick<DeliveryDeps, 'compile' | 'urls'>,
  terms: WaveTerms,
  brand: Brand,
  creatives: readonly SendingCreative[],
): (delivery: ClaimedDelivery, recipient: Recipient | undefined) => Composed {
  const byId = new Map(creatives.map((creative) => [creative.creativeId, creative]));
  const compiled = new Map<number, (person: PersonValues, urls: PersonalUrls) => Message>();
  const senderDomain = brand.sender.address.slice(brand.sender.address.lastIndexOf('@') + 1);
  const feedbackId = [terms.campaignId, terms.department, terms.nature, brand.key].map(field).join(':');

  const filledBy = (creative: SendingCreative) => {
    const known = compiled.get(creative.creativeId);
    if (known) return known;
    const fill = deps.compile(creative);
    compiled.set(creative.creativeId, fill);
    return fill;
  };

  return (delivery, recipient) => {
    const creative = delivery.creativeId === null ? undefined : byId.get(delivery.creativeId);
    if (creative === undefined) return failed('no-creative');
    if (recipient === undefined || recipient.email === null) return failed('no-address');
    const unsubscribeUrl = deps.urls.unsubscribe(delivery.id);
    const links: string[] = [];
    for (const { index } of creative.links) links[index] = deps.urls.click(delivery.id, index);
    let message: Message;
    try {
      const { firstName, lastName, city } = recipient;
      message = filledBy(creative)(
        { firstName: firstName ?? null, lastName: lastName ?? null, city: city ?? null },
        { links, unsubscribeUrl, pixelUrl: delivery.openPixel ? deps.urls.open(delivery.id) : null },
      );
    } catch {
      // The fault may repeat what it was filling in: it goes nowhere.
      return failed('personalisation');
    }
    return {
      email: {
        deliveryId: delivery.id,
        to: { address: recipient.email },
        from: { name: brand.sender.name, address: brand.sender.address },
        ...(brand.sender.replyTo === undefined ? {} : { replyTo: brand.sender.replyTo }),
        subject: message.subject,
        html: message.html,
        text: message.text,
        headers: {
          // RFC 8058: both headers, the address over https in production; one POST unsubscribes, a GET asks first.
          ...(terms.rule.unsubscribe
            ? {
                'List-Unsubscribe': `<${unsubscribeUrl}>`,
                'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
              }
            : {}),
          'Feedback-ID': feedbackId,
          'X-Boucle-Delivery': String(delivery.id),
        },
        // Stable: a relay or mailbox that compares Message-IDs sees one message, however it came twice.
        messageId: `<d${delivery.id}.${terms.campaignId}@${senderDomain}>`,
      },
    };
  };
}
