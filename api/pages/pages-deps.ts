import type { AccessStore } from '../../store/access-store';
import type { CampaignPageStore } from '../../store/campaign-page-store';
import type { CampaignsReadStore } from '../../store/campaigns-read-store';
import type { createHoldoutsStore } from '../../store/experiments/holdout-lift';
import type { FinishedTestsStore } from '../../store/finished-tests-store';

export interface PagesDeps {
  readonly campaigns: Pick<CampaignsReadStore, 'list' | 'get'>;
  readonly pages: CampaignPageStore;
  readonly tests: Pick<FinishedTestsStore, 'get'>;
  readonly holdouts: ReturnType<typeof createHoldoutsStore>;
  readonly access: Pick<AccessStore, 'authenticate'>;
  /** BOUCLE_LINK_SECRET: signs the sign-in cookie. */
  readonly linkSecret: string;
  /** PUBLIC_URL: pictures of messages come from there. */
  readonly publicUrl: string;
  readonly temporal: { readonly uiUrl: string; readonly namespace: string };
  /** See `openToThisMachine`. */
  readonly anonymous: boolean;
  /** Readers of one page within this time share one reading of the ledger; 1.5 seconds. */
  readonly sharedMs?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Whether pages are shown without signing in: only where the api listens on loopback alone, never in production. */
export const openToThisMachine = (env: { readonly API_HOST: string; readonly NODE_ENV: string }): boolean =>
  env.NODE_ENV !== 'production' && isLoopback(env.API_HOST);

export const isLoopback = (host: string): boolean =>
  ['127.0.0.1', 'localhost', '::1', '[::1]'].includes(host);
