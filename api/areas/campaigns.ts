import { revision } from '../../config/revision';
import { createCampaignStarter } from '../../adapters/temporal/start-campaign';
import { remakeAudience } from '../../store/audience-remake';
import { assignmentHash } from '../../store/assignment';
import { createCampaignsCreateStore } from '../../store/campaigns-create-store';
import { createCampaignsStore } from '../../store/campaigns-store';
import { createHoldoutsStore } from '../../store/experiments/holdout-lift';
import { createExperimentsStore } from '../../store/experiments-store';
import { createFinishedTestsStore } from '../../store/finished-tests-store';
import { createImprovementStore } from '../../store/improvement-store';
import { createProofsStore } from '../../store/proofs-store';
import { createScenariosStore } from '../../store/scenarios-store';
import { createSeedListsStore } from '../../store/seed-lists-store';
import { campaignWorkflowId } from '../../workflows/campaign/contract';
import type { App } from '../types';
import { campaignCommandsRoutes } from '../routes/campaign-commands';
import { campaignSchedulesRoutes } from '../routes/campaign-schedules';
import { campaignsRoutes } from '../routes/campaigns';
import { creativesRoutes } from '../routes/creatives';
import { evaluationsRoutes } from '../routes/evaluations';
import { experimentsRoutes } from '../routes/experiments';
import { finishedTestsRoutes } from '../routes/finished-tests';
import { holdoutsRoutes } from '../routes/holdouts';
import { improvementRoutes } from '../routes/improvement';
import { proofsRoutes } from '../routes/proofs';
import { scenariosRoutes } from '../routes/scenarios';
import { seedListsRoutes } from '../routes/seed-lists';
import type { Shared } from './shared';

/** Scenarios, their runs, what those say and what was learnt from them. */
export async function campaigns(app: App, shared: Shared): Promise<void> {
  const { db, settings, orchestrator, campaigns, schedules, creatives, named } = shared;
  const { publicUrl, temporalUiUrl, temporalNamespace, pepper } = settings;
  const scenarios = createScenariosStore(db.app);
  const starter = createCampaignStarter({
    rows: createCampaignsCreateStore(db.app, { ...named, workflowIdOf: campaignWorkflowId }),
    startRun: (campaign) => orchestrator.startRun(campaign),
  });
  const runUrl = (workflowId: string, runId: string): string =>
    `${temporalUiUrl}/namespaces/${temporalNamespace}/workflows/${encodeURIComponent(workflowId)}/${runId}`;
  scenariosRoutes(app, { scenarios, orchestrator, ...named });
  campaignsRoutes(app, {
    starter,
    schedules,
    campaigns,
    scenarios,
    orchestrator,
    remake: (campaignId) => remakeAudience(db.app, campaignId),
    publicUrl,
    runUrl,
  });
  campaignSchedulesRoutes(app, { schedules, orchestrator });
  campaignCommandsRoutes(app, { campaigns, writes: createCampaignsStore(db.app), orchestrator });
  creativesRoutes(app, { campaigns, creatives, orchestrator });
  const lists = createSeedListsStore(db);
  seedListsRoutes(app, { lists });
  proofsRoutes(app, {
    campaigns,
    creatives,
    lists,
    proofs: createProofsStore(db, pepper),
    isProfile: async (id) => (await shared.resolve({ id })) !== null,
  });
  experimentsRoutes(app, { hash: assignmentHash });
  evaluationsRoutes(app, { experiments: createExperimentsStore(db.app), revision: revision() });
  holdoutsRoutes(app, { holdouts: createHoldoutsStore(db.app) });
  await finishedTestsRoutes(app, {
    tests: createFinishedTestsStore(db.app),
    idempotency: shared.idempotency,
    revision: revision(),
  });
  improvementRoutes(app, { improvement: createImprovementStore(db.app) });
}
