import type { ApiDeps } from '../app';
import { back } from '../areas/back';
import { campaigns } from '../areas/campaigns';
import { consent } from '../areas/consent';
import { house } from '../areas/house';
import { people } from '../areas/people';
import { sending } from '../areas/sending';
import { createShared } from '../areas/shared';
import type { App } from '../types';

/** Every door there is, area by area. */
export async function registerRoutes(app: App, deps: ApiDeps): Promise<void> {
  const shared = createShared(deps);
  await people(app, shared);
  await campaigns(app, shared);
  await sending(app, shared);
  await consent(app, shared);
  await back(app, shared);
  await house(app, shared);
}
