import type { Brand } from '../../../domain/creatives/ports';
import type { MessageTerms } from '../../../store/delivery/message-terms';
import { failed, type Composer } from './composed';
import type { Filler } from './filled';

/** Where the scenario declares none. */
const PLACEMENT = 'home';

/** Waits in the application. Who has not agreed to being profiled gets the same words with nothing of theirs in them. */
export const inAppComposer =
  (
    fill: Filler,
    brand: Brand,
    { campaignId, inApp, locale }: Pick<MessageTerms, 'campaignId' | 'inApp' | 'locale'>,
    now: () => number,
  ): Composer<'in-app'> =>
  (delivery, recipient) => {
    if (recipient === undefined) return failed('no-address');
    const transparent = !recipient.profiling;
    const filled = fill(
      delivery,
      transparent ? { ...recipient, firstName: null, lastName: null, city: null } : recipient,
    );
    if ('outcome' in filled) return filled;
    const { creative, message, url } = filled;
    if (url === null) return failed('no-link');
    return {
      message: {
        deliveryId: delivery.id,
        profileId: delivery.profileId,
        campaignId,
        brand: brand.key,
        placement: inApp?.placement ?? PLACEMENT,
        contexts: inApp?.contexts ?? [],
        title: message.subject,
        body: message.text.trim(),
        ctaLabel: creative.links[0]?.label ?? '',
        ctaUrl: url,
        locale,
        transparent,
        expiresAt: inApp === null ? null : new Date(now() + inApp.expiresSeconds * 1_000),
      },
    };
  };
