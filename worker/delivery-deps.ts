import type { DeliveryDeps } from '../activities/delivery';
import { compileCreative } from '../adapters/renderer/personalise';
import { createMimeCompiler } from '../adapters/smtp/compiled-mime';
import type { Senders } from '../domain/delivery/ports';
import { BoucleError } from '../domain/shared/errors';
import { createCreativesStore } from '../store/creatives-store';
import { createDeliveryStore } from '../store/delivery-store';
import type { Dependencies } from './dependencies';

/** A brand by its key. Throws not-found. */
export const brandOf =
  ({ brands }: Pick<Dependencies, 'brands'>) =>
  (key: string) => {
    const brand = brands.get(key);
    if (brand === undefined) throw new BoucleError('not-found', `There is no brand ${key}.`);
    return brand;
  };

/** What sending is made of, whichever lane it is for: the lane has its own connections, and says when to stop. */
export const deliveryDeps = (
  deps: Dependencies,
  senders: Senders,
  running: Pick<DeliveryDeps, 'heartbeat' | 'cancelled'>,
): DeliveryDeps => ({
  store: createDeliveryStore(deps.db),
  senders,
  creatives: createCreativesStore(deps.db.app),
  compile: compileCreative,
  compileMime: createMimeCompiler(),
  brandOf: brandOf(deps),
  urls: deps.linkUrls,
  ...running,
});
