import type { Brand } from '../../../domain/creatives/ports';
import type { MessageTerms } from '../../../store/delivery/message-terms';
import type { WaveTerms } from '../../../store/delivery-store';
import type { DeliveryDeps, SendingCreative } from '../deps';
import type { Composers, ComposingDeps, ComposingTerms } from './composed';
import { emailComposer } from './email';
import { createFiller, createPersonalOf, type PersonalOf } from './filled';
import { inAppComposer } from './in-app';
import { eLetterComposer, letterComposer } from './letters';
import { pushComposer } from './push';
import { smsComposer } from './sms';

/** What makes a step's messages, channel by channel. */
export function createComposers(
  deps: Pick<DeliveryDeps, 'compile' | 'compileMime' | 'urls'>,
  terms: WaveTerms,
  messages: MessageTerms,
  brand: Brand,
  creatives: readonly SendingCreative[],
): Composers {
  return composersWith(deps, terms, messages, brand, createPersonalOf(deps.urls, creatives));
}

/** The same for whoever says himself what fills a message and where its links lead. */
export function composersWith(
  deps: ComposingDeps,
  terms: ComposingTerms,
  messages: Omit<MessageTerms, 'rates'>,
  brand: Brand,
  personalOf: PersonalOf,
): Composers {
  const fill = createFiller(deps, personalOf);
  const letter = {
    kind: terms.letterKind,
    campaignId: terms.campaignId,
    locale: messages.locale,
    unitCosts: messages.unitCosts,
  };
  return {
    email: emailComposer(deps, personalOf, fill, terms, brand),
    sms: smsComposer(fill, brand),
    push: pushComposer(fill),
    'in-app': inAppComposer(fill, brand, messages, Date.now),
    letter: letterComposer(fill, brand, letter),
    'e-letter': eLetterComposer(fill, brand, letter),
  };
}

export type { Composers } from './composed';
