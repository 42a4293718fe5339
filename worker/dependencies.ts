import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { createDiskBlobStore } from '../adapters/assets/disk-blob-store';
import { createLinkSigner } from '../adapters/links/signer';
import { createLinkUrls } from '../adapters/links/urls';
import { createLogMessenger } from '../adapters/slack/log-messenger';
import { createSlackMessenger } from '../adapters/slack/slack-messenger';
import { createCampaignStarter, createStartRun } from '../adapters/temporal/start-campaign';
import { createWebhookSender } from '../adapters/webhooks/webhook-sender';
import type { Env } from '../config/env';
import { loadBrands } from '../config/brands';
import { targetingPolicy } from '../config/policies/targeting';
import { loadTopics } from '../config/policies/topics';
import type { Messenger } from '../domain/approvals/ports';
import { createCampaignsCreateStore } from '../store/campaigns-create-store';
import { connect, type Db } from '../store/db';
import { CAMPAIGN_QUEUE, CAMPAIGN_WORKFLOW, campaignWorkflowId } from '../workflows/campaign/contract';
import { closeSenders, createSenders } from './senders';

/** What the activities of a worker are made from. One process has one of each. */
export function createDependencies(env: Env, client: Client, log: Logger) {
  if (env.DATABASE_URL === undefined) throw new Error('DATABASE_URL is not set');
  const url = env.DATABASE_URL;
  const db: Db = connect(url, env.DATABASE_CONNECTIONS);

  const messenger: Messenger = env.SLACK_BOT_TOKEN
    ? createSlackMessenger({
        token: env.SLACK_BOT_TOKEN,
        channel: env.SLACK_CHANNEL,
        log,
        ...(env.SLACK_API_URL ? { apiUrl: env.SLACK_API_URL } : {}),
      })
    : createLogMessenger(log);
  const senders = createSenders(env, db, log);
  const webhookSender = createWebhookSender({ publicOnly: !env.WEBHOOKS_ANYWHERE });
  const brands = loadBrands();
  const starter = createCampaignStarter({
    rows: createCampaignsCreateStore(db.app, {
      topics: new Set(loadTopics().map(({ key }) => key)),
      brands: new Set(brands.keys()),
      targeting: targetingPolicy(),
      workflowIdOf: campaignWorkflowId,
    }),
    startRun: createStartRun({
      client: async () => client,
      workflowType: CAMPAIGN_WORKFLOW,
      taskQueue: CAMPAIGN_QUEUE,
    }),
  });

  return {
    /** Connections that nobody else takes; whoever asks closes them. */
    ownConnections: (most: number): Db => connect(url, most),
    env,
    log,
    client,
    db,
    brands,
    messenger,
    senders,
    starter,
    webhookSender,
    blobs: createDiskBlobStore(env.blobDir),
    linkUrls: createLinkUrls(createLinkSigner(env.BOUCLE_LINK_SECRET), env.PUBLIC_URL),
    pageUrl: (campaignId: string) => `${env.PUBLIC_URL}/campaigns/${campaignId}`,
    close: async () => {
      await closeSenders(senders);
      webhookSender.close();
      await db.close();
    },
  };
}

export type Dependencies = ReturnType<typeof createDependencies>;
