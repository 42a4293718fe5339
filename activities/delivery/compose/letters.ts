import type { Brand } from '../../../domain/creatives/ports';
import { paragraphsOf } from '../../../domain/creatives/worst-cost';
import { letterKindOn } from '../../../domain/delivery/letter-kind';
import { letterGrams, letterPages } from '../../../domain/delivery/letter-size';
import type { OutgoingLetter, PostalAddress, SendOutcome } from '../../../domain/delivery/ports';
import { costMicros } from '../../../domain/delivery/unit-cost';
import type { MessageTerms } from '../../../store/delivery/message-terms';
import type { Recipient, WaveTerms } from '../../../store/delivery-store';
import { failed, type Composer } from './composed';
import type { Filler } from './filled';

/** null: no postman would find it. */
function postalAddress({ firstName, lastName, city, postal }: Recipient): PostalAddress | null {
  const name = [firstName, lastName].filter((part) => part).join(' ');
  if (name === '' || postal === null || !city) return null;
  return { name, city, ...postal };
}

type Addressed = Pick<OutgoingLetter, 'to' | 'email'> | null;

export interface LetterTerms {
  readonly kind: WaveTerms['letterKind'];
  readonly campaignId: string;
  readonly locale: MessageTerms['locale'];
  readonly unitCosts: MessageTerms['unitCosts'];
}

const composer =
  (
    channel: 'letter' | 'e-letter',
    fill: Filler,
    brand: Brand,
    terms: LetterTerms,
    to: (recipient: Recipient) => Addressed,
  ) =>
  (
    delivery: Parameters<Composer<'letter'>>[0],
    recipient: Recipient | undefined,
  ): { readonly message: OutgoingLetter } | { readonly outcome: SendOutcome } => {
    const addressed = recipient === undefined ? null : to(recipient);
    if (recipient === undefined || addressed === null) return failed('no-address');
    // A letter without the sender's address cannot come back, and some kinds are not taken without.
    if (brand.postal === undefined) return failed('no-sender-address');
    const filled = fill(delivery, recipient);
    if ('outcome' in filled) return filled;
    const paragraphs = paragraphsOf(filled.message.text);
    const kind = letterKindOn(channel, terms.kind);
    // The values of a service message may be longer than any the creative was checked with.
    const grams = letterGrams(letterPages(paragraphs));
    if (costMicros(terms.unitCosts, channel, kind, grams) === null) return failed('letter-without-price');
    return {
      message: {
        deliveryId: delivery.id,
        kind,
        campaignId: terms.campaignId,
        from: brand.postal,
        ...addressed,
        subject: filled.message.subject,
        paragraphs,
        locale: terms.locale,
      },
    };
  };

export const letterComposer = (fill: Filler, brand: Brand, terms: LetterTerms): Composer<'letter'> =>
  composer('letter', fill, brand, terms, (recipient) => {
    const to = postalAddress(recipient);
    return to === null ? null : { to, email: null };
  });

export const eLetterComposer = (fill: Filler, brand: Brand, terms: LetterTerms): Composer<'e-letter'> =>
  composer('e-letter', fill, brand, terms, ({ email }) => (email === null ? null : { to: null, email }));
