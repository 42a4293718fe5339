import { createAccessStore } from '../../store/access-store';
import { createAuditStore } from '../../store/audit-store';
import { createCampaignPageStore } from '../../store/campaign-page-store';
import { createHoldoutsStore } from '../../store/experiments/holdout-lift';
import { createFinishedTestsStore } from '../../store/finished-tests-store';
import { createSlackInboxStore } from '../../store/slack-inbox-store';
import { createWebhooksStore } from '../../store/webhooks-store';
import { pagesRoutes } from '../pages/pages-routes';
import type { App } from '../types';
import { accessRoutes } from '../routes/access';
import { assetsRoutes } from '../routes/assets';
import { slackRoutes } from '../routes/slack';
import { webhookSubscriptionsRoutes } from '../routes/webhook-subscriptions';
import type { Shared } from './shared';

/** For the people who run it: keys and audit, subscriptions, Slack, pictures and pages. */
export async function house(app: App, shared: Shared): Promise<void> {
  const { db, settings, blobs, campaigns } = shared;
  const access = createAccessStore(db.app);
  accessRoutes(app, { access, audit: createAuditStore(db.app) });
  webhookSubscriptionsRoutes(app, {
    webhooks: createWebhooksStore(db.app),
    publicOnly: !settings.webhooksAnywhere,
  });
  assetsRoutes(app, { blobs });
  await slackRoutes(app, {
    inbox: createSlackInboxStore(db.app),
    signingSecret: settings.slackSigningSecret,
  });
  await pagesRoutes(app, {
    campaigns,
    pages: createCampaignPageStore(db.app),
    tests: createFinishedTestsStore(db.app),
    holdouts: createHoldoutsStore(db.app),
    access,
    linkSecret: settings.linkSecret,
    publicUrl: settings.publicUrl,
    temporal: { uiUrl: settings.temporalUiUrl, namespace: settings.temporalNamespace },
    anonymous: settings.openPages,
  });
}
