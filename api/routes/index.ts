import { createLinkSigner } from '../../adapters/links/signer';
import { createCampaignStarter } from '../../adapters/temporal/start-campaign';
import { createAccessStore } from '../../store/access-store';
import { createAuditStore } from '../../store/audit-store';
import { createCampaignPageStore } from '../../store/campaign-page-store';
import { createCampaignSchedulesStore } from '../../store/campaign-schedules-store';
import { createCampaignsCreateStore } from '../../store/campaigns-create-store';
import { createCampaignsReadStore } from '../../store/campaigns-read-store';
import { createCampaignsStore } from '../../store/campaigns-store';
import { createCreativesStore } from '../../store/creatives-store';
import { createDeliveryStore } from '../../store/delivery-store';
import { createEventsStore } from '../../store/events-store';
import { createIdempotencyStore } from '../../store/idempotency-store';
import { createImportsStore } from '../../store/imports-store';
import { createImprovementStore } from '../../store/improvement-store';
import { createPersonaMatrixStore } from '../../store/persona-matrix-store';
import { createProfilesStore } from '../../store/profiles-store';
import { createScenariosStore } from '../../store/scenarios-store';
import { createSegmentsStore } from '../../store/segments-store';
import { createSlackInboxStore } from '../../store/slack-inbox-store';
import { createTrackingStore } from '../../store/tracking-store';
import { campaignWorkflowId } from '../../workflows/campaign/contract';
import type { ApiDeps } from '../app';
import { pagesRoutes } from '../pages/pages-routes';
import type { App } from '../types';
import { accessRoutes } from './access';
import { assetsRoutes } from './assets';
import { campaignCommandsRoutes } from './campaign-commands';
import { campaignSchedulesRoutes } from './campaign-schedules';
import { campaignsRoutes } from './campaigns';
import { creativesRoutes } from './creatives';
import { deliveriesRoutes } from './deliveries';
import { eventsRoutes } from './events';
import { importMappingsRoutes } from './import-mappings';
import { importsRoutes } from './imports';
import { improvementRoutes } from './improvement';
import { personaMatrixRoutes } from './persona-matrix';
import { profilesRoutes } from './profiles';
import { providerWebhooksRoutes } from './provider-webhooks';
import { scenariosRoutes } from './scenarios';
import { segmentsRoutes } from './segments';
import { slackRoutes } from './slack';
import { trackingRoutes } from './tracking';
import { unsubscribeRoutes } from './unsubscribe';

/** Every door there is, with what stands behind it. */
export async function registerRoutes(
  app: App,
  { db, orchestrator, blobs, brands, settings }: ApiDeps,
): Promise<void> {
  const sql = db.app;
  const { publicUrl, pepper } = settings;
  const brandKeys = new Set(brands.keys());
  const campaigns = createCampaignsReadStore(sql);
  const scenarios = createScenariosStore(sql);
  const rows = createCampaignsCreateStore(sql, { brands: brandKeys, workflowIdOf: campaignWorkflowId });
  const starter = createCampaignStarter({ rows, startRun: (campaign) => orchestrator.startRun(campaign) });
  const ui = `${settings.temporalUiUrl}/namespaces/${settings.temporalNamespace}/workflows`;
  const runUrl = (workflowId: string, runId: string): string =>
    `${ui}/${encodeURIComponent(workflowId)}/${runId}`;

  profilesRoutes(app, { profiles: createProfilesStore(db, pepper) });
  eventsRoutes(app, { events: createEventsStore(sql, pepper) });
  segmentsRoutes(app, { segments: createSegmentsStore(sql) });
  await personaMatrixRoutes(app, { matrix: createPersonaMatrixStore(sql) });
  const imports = createImportsStore(sql);
  await importsRoutes(app, { imports, idempotency: createIdempotencyStore(sql), orchestrator, publicUrl });
  importMappingsRoutes(app, { imports });
  scenariosRoutes(app, { scenarios, orchestrator, brands: brandKeys });
  const schedules = createCampaignSchedulesStore(sql);
  campaignsRoutes(app, { starter, schedules, campaigns, scenarios, orchestrator, publicUrl, runUrl });
  campaignSchedulesRoutes(app, { schedules, orchestrator });
  campaignCommandsRoutes(app, { campaigns, writes: createCampaignsStore(sql), orchestrator });
  creativesRoutes(app, { campaigns, creatives: createCreativesStore(sql), orchestrator });
  deliveriesRoutes(app, { campaigns, deliveries: createDeliveryStore(db) });
  improvementRoutes(app, { improvement: createImprovementStore(sql) });
  const access = createAccessStore(sql);
  accessRoutes(app, { access, audit: createAuditStore(sql) });

  const signer = createLinkSigner(settings.linkSecret);
  const tracking = createTrackingStore(sql);
  trackingRoutes(app, { signer, tracking });
  await unsubscribeRoutes(app, { signer, tracking, brands });
  assetsRoutes(app, { blobs });
  await slackRoutes(app, { inbox: createSlackInboxStore(sql), signingSecret: settings.slackSigningSecret });
  await providerWebhooksRoutes(app, { tracking, secret: settings.providerWebhookSecret });
  await pagesRoutes(app, {
    campaigns,
    pages: createCampaignPageStore(sql),
    access,
    linkSecret: settings.linkSecret,
    publicUrl,
    temporal: { uiUrl: settings.temporalUiUrl, namespace: settings.temporalNamespace },
    anonymous: settings.openPages,
  });
}
