import { createInAppSessions } from '../../adapters/links/in-app-session';
import { createLinkSigner } from '../../adapters/links/signer';
import { createCampaignStarter } from '../../adapters/temporal/start-campaign';
import { loadTopics } from '../../config/policies/topics';
import { createAccessStore } from '../../store/access-store';
import { createAttributionStore } from '../../store/attribution-store';
import { createAuditStore } from '../../store/audit-store';
import { createCalendarStore } from '../../store/calendar-store';
import { createCampaignPageStore } from '../../store/campaign-page-store';
import { createCampaignSchedulesStore } from '../../store/campaign-schedules-store';
import { createCampaignsCreateStore } from '../../store/campaigns-create-store';
import { createCampaignsReadStore } from '../../store/campaigns-read-store';
import { createCampaignsStore } from '../../store/campaigns-store';
import { createContactHistoryStore } from '../../store/contact-history-store';
import { createConsentIntakeStore } from '../../store/consent-intake-store';
import { createConsentRequestsStore } from '../../store/consent-requests-store';
import { createConsentStore } from '../../store/consent-store';
import { createContactsStore } from '../../store/contacts-store';
import { createChannelReportsStore } from '../../store/channel-reports-store';
import { createCreativesStore } from '../../store/creatives-store';
import { createDeliveryStore } from '../../store/delivery-store';
import { createDevicesStore } from '../../store/devices-store';
import { createExperimentsStore } from '../../store/experiments-store';
import { createExplainStore } from '../../store/explain-store';
import { emailFingerprint } from '../../store/fingerprint';
import { createEventsStore } from '../../store/events-store';
import { createInAppStore } from '../../store/in-app-store';
import { createIdempotencyStore } from '../../store/idempotency-store';
import { createImportsStore } from '../../store/imports-store';
import { createImprovementStore } from '../../store/improvement-store';
import { createProviderEventsStore } from '../../store/provider-events-store';
import { createPoliciesStore } from '../../store/policies-store';
import { createPreferencePageStore } from '../../store/preference-page-store';
import { createPreferencesStore } from '../../store/preferences-store';
import { createSuppressionsStore } from '../../store/suppressions-store';
import { createPersonaMatrixStore } from '../../store/persona-matrix-store';
import { createProfilesStore } from '../../store/profiles-store';
import { createProofsStore } from '../../store/proofs-store';
import { createScenariosStore } from '../../store/scenarios-store';
import { createMessagesStore } from '../../store/messages-store';
import { resolveProfileRefs } from '../../store/profile-refs';
import { createSeedListsStore } from '../../store/seed-lists-store';
import { createSegmentsStore } from '../../store/segments-store';
import { createSlackInboxStore } from '../../store/slack-inbox-store';
import { createSmsRepliesStore } from '../../store/sms-replies-store';
import { createSolicitationStore } from '../../store/solicitation-store';
import { createTrackingStore } from '../../store/tracking-store';
import { createWebhooksStore } from '../../store/webhooks-store';
import { campaignWorkflowId } from '../../workflows/campaign/contract';
import type { ApiDeps } from '../app';
import { pagesRoutes } from '../pages/pages-routes';
import type { App } from '../types';
import { accessRoutes } from './access';
import { assetsRoutes } from './assets';
import { calendarRoutes } from './calendar';
import { campaignCommandsRoutes } from './campaign-commands';
import { campaignSchedulesRoutes } from './campaign-schedules';
import { campaignsRoutes } from './campaigns';
import { confirmRoutes } from './confirm';
import { consentRequestsRoutes } from './consent-requests';
import { consentWebhooksRoutes } from './consent-webhooks';
import { consentsRoutes } from './consents';
import { contactsImportRoutes } from './contacts-import';
import { creativesRoutes } from './creatives';
import { deliveriesRoutes } from './deliveries';
import { devicesRoutes } from './devices';
import { eventsRoutes } from './events';
import { importMappingsRoutes } from './import-mappings';
import { importsRoutes } from './imports';
import { improvementRoutes } from './improvement';
import { inAppRoutes } from './in-app';
import { letterWebhooksRoutes } from './letter-webhooks';
import { messagesRoutes } from './messages';
import { objectionsRoutes } from './objections';
import { personaMatrixRoutes } from './persona-matrix';
import { policiesRoutes } from './policies';
import { preferencePageRoutes } from './preference-page';
import { preferencesRoutes } from './preferences';
import { profilesRoutes } from './profiles';
import { proofsRoutes } from './proofs';
import { providerWebhooksRoutes } from './provider-webhooks';
import { scenariosRoutes } from './scenarios';
import { seedListsRoutes } from './seed-lists';
import { segmentsRoutes } from './segments';
import { settlementsRoutes } from './settlements';
import { slackRoutes } from './slack';
import { solicitationRoutes } from './solicitation';
import { smsWebhooksRoutes } from './sms-webhooks';
import { suppressionsRoutes } from './suppressions';
import { trackingRoutes } from './tracking';
import { unsubscribeRoutes } from './unsubscribe';
import { webhookSubscriptionsRoutes } from './webhook-subscriptions';

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
  messagesRoutes(app, {
    messages: createMessagesStore(db),
    resolve: async (ref) => (await resolveProfileRefs(sql, pepper, [ref]))[0] ?? null,
  });
  devicesRoutes(app, {
    devices: createDevicesStore(db, pepper),
    resolve: async (ref) => (await resolveProfileRefs(sql, pepper, [ref]))[0] ?? null,
  });
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
  settlementsRoutes(app, { campaigns, deliveries: createDeliveryStore(db) });
  deliveriesRoutes(app, {
    campaigns,
    deliveries: createDeliveryStore(db),
    attribution: createAttributionStore(sql),
    experiments: createExperimentsStore(sql),
    history: createContactHistoryStore(sql),
    explain: createExplainStore(sql),
    profiles: createProfilesStore(db, pepper),
  });
  policiesRoutes(app, { policies: createPoliciesStore(sql) });
  await contactsImportRoutes(app, {
    contacts: createContactsStore(sql, pepper),
    idempotency: createIdempotencyStore(sql),
  });
  calendarRoutes(app, { calendar: createCalendarStore(sql), schedules, orchestrator });
  solicitationRoutes(app, { solicitation: createSolicitationStore(sql) });
  webhookSubscriptionsRoutes(app, {
    webhooks: createWebhooksStore(sql),
    publicOnly: settings.webhooksAnywhere !== true,
  });
  improvementRoutes(app, { improvement: createImprovementStore(sql) });
  const access = createAccessStore(sql);
  accessRoutes(app, { access, audit: createAuditStore(sql) });

  const signer = createLinkSigner(settings.linkSecret);
  const tracking = createTrackingStore(
    sql,
    settings.scannerSeconds === undefined ? {} : { scannerSeconds: settings.scannerSeconds },
  );
  trackingRoutes(app, { signer, tracking });
  await unsubscribeRoutes(app, { signer, tracking, brands });
  const topics = loadTopics();
  await preferencePageRoutes(app, { signer, pages: createPreferencePageStore(sql), brands, topics });
  preferencesRoutes(app, { preferences: createPreferencesStore(sql), topics });
  const consents = createConsentStore(sql);
  const intake = createConsentIntakeStore(sql, pepper);
  consentsRoutes(app, { consents, intake });
  objectionsRoutes(app, { consents, brands: brandKeys });
  const requests = createConsentRequestsStore(sql);
  consentRequestsRoutes(app, {
    requests,
    messages: createMessagesStore(db),
    resolve: async (ref) => (await resolveProfileRefs(sql, pepper, [ref]))[0] ?? null,
    brands: brandKeys,
    publicUrl,
  });
  await confirmRoutes(app, { requests, brands });
  await consentWebhooksRoutes(app, { intake, secret: settings.consentWebhookSecret });
  await suppressionsRoutes(app, {
    suppressions: createSuppressionsStore(sql, pepper),
    idempotency: createIdempotencyStore(sql),
  });
  const seedLists = createSeedListsStore(db);
  seedListsRoutes(app, { lists: seedLists });
  proofsRoutes(app, {
    campaigns,
    creatives: createCreativesStore(sql),
    lists: seedLists,
    proofs: createProofsStore(db, pepper),
    isProfile: async (id) => (await resolveProfileRefs(sql, pepper, [{ id }]))[0] !== null,
  });
  await inAppRoutes(app, {
    inApp: createInAppStore(db),
    sessions: createInAppSessions(settings.linkSecret),
    brands: brandKeys,
    resolve: async (ref) => (await resolveProfileRefs(sql, pepper, [ref]))[0] ?? null,
  });
  assetsRoutes(app, { blobs });
  await slackRoutes(app, { inbox: createSlackInboxStore(sql), signingSecret: settings.slackSigningSecret });
  await providerWebhooksRoutes(app, {
    provider: createProviderEventsStore(sql),
    secret: settings.providerWebhookSecret,
    bounceSecret: settings.bounceWebhookSecret,
    find: { signer, fingerprint: (address) => emailFingerprint(pepper, address) },
  });
  await smsWebhooksRoutes(app, {
    reports: createChannelReportsStore(sql, ['sms']),
    replies: createSmsRepliesStore(sql, pepper),
    brands,
    publicUrl,
    secret: settings.smsWebhookSecret,
    twilioAuthToken: settings.twilioAuthToken,
  });
  await letterWebhooksRoutes(app, {
    reports: createChannelReportsStore(sql, ['letter', 'e-letter']),
    secret: settings.letterWebhookSecret,
  });
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
