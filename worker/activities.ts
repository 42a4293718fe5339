import { Context } from '@temporalio/activity';
import { createApprovalsActivities } from '../activities/approvals';
import { createCampaignsActivities } from '../activities/campaigns';
import { createCreativesActivities } from '../activities/creatives';
import { createDryRunRenderer } from '../activities/creatives/dry-run';
import { createPreviews } from '../activities/creatives/previews';
import { createDeliveryActivities } from '../activities/delivery';
import { revision } from '../config/revision';
import { createExperimentsActivities } from '../activities/experiments';
import { createGuardrailsActivities } from '../activities/experiments/watch-guardrails';
import { createImprovementActivities } from '../activities/improvement';
import { createIncidentsActivities } from '../activities/incidents';
import { createProfilesActivities } from '../activities/profiles';
import { createGitFolder } from '../adapters/knowledge/git-folder';
import { fromRoot } from '../config/paths';
import { targetingPolicy } from '../config/policies/targeting';
import { createApprovalsStore } from '../store/approvals-store';
import { createAudienceStore } from '../store/audience-store';
import { createCampaignSchedulesStore } from '../store/campaign-schedules-store';
import { createCampaignsStore } from '../store/campaigns-store';
import { createCreativesStore } from '../store/creatives-store';
import { createDryRunsStore } from '../store/dry-runs-store';
import { createExperimentsStore } from '../store/experiments-store';
import { createImportBatches } from '../store/import-batches';
import { createImportsStore } from '../store/imports-store';
import { createMessagesStore } from '../store/messages-store';
import { createIntakeStore } from '../store/intake-store';
import { createImprovementStore } from '../store/improvement-store';
import { createIncidentsStore } from '../store/incidents-store';
import { createPoliciesStore } from '../store/policies-store';
import { brandOf, deliveryDeps } from './delivery-deps';
import type { Dependencies } from './dependencies';

/** Every activity there is, from one set of dependencies: each queue's worker registers them all. */
export function createActivities(deps: Dependencies) {
  const { db, env, log, messenger, pageUrl } = deps;
  const audiences = createAudienceStore(db);
  const creatives = createCreativesStore(db.app);
  const campaigns = createCampaignsStore(db.app);
  const targeting = targetingPolicy();
  const experiments = createExperimentsStore(db.app);
  const rendering = {
    store: creatives,
    campaigns,
    audiences,
    policies: createPoliciesStore(db.app),
    blobs: deps.blobs,
    brandOf: brandOf(deps),
    publicUrl: env.PUBLIC_URL,
    picturesDir: fromRoot('config', 'brands', 'pictures'),
    policyVersion: String(targeting.version),
  };

  return {
    ...createCampaignsActivities({
      campaigns,
      audiences,
      intake: createIntakeStore(db.app),
      messages: createMessagesStore(db),
      schedules: createCampaignSchedulesStore(db.app),
      starter: deps.starter,
      targeting,
      dryRuns: createDryRunsStore(db.app),
      render: createDryRunRenderer(rendering),
      now: () => new Date(),
    }),
    ...createCreativesActivities(rendering),
    ...createApprovalsActivities({
      approvals: createApprovalsStore(db.app),
      messenger,
      previews: createPreviews(rendering),
      pageUrl,
      log,
    }),
    ...createDeliveryActivities(
      deliveryDeps(deps, deps.senders, {
        heartbeat: (progress) => Context.current().heartbeat(progress),
        cancelled: () => Context.current().cancellationSignal.aborted,
      }),
    ),
    ...createExperimentsActivities({ store: experiments, revision: revision() }),
    ...createGuardrailsActivities({
      store: experiments,
      heartbeat: () => Context.current().heartbeat(),
      cancelled: () => Context.current().cancellationSignal.aborted,
    }),
    ...createImprovementActivities({
      store: createImprovementStore(db.app),
      knowledge: createGitFolder(env.knowledgeDir),
      log,
    }),
    ...createIncidentsActivities({ store: createIncidentsStore(db.app), messenger, pageUrl, log }),
    ...createProfilesActivities({
      imports: createImportsStore(db.identity),
      batches: createImportBatches(db.identity, env.BOUCLE_PEPPER),
      eventTypes: async () => Object.values(await createPoliciesStore(db.app).list('event-type')),
      heartbeat: (details) => Context.current().heartbeat(details),
    }),
  };
}

export type Activities = ReturnType<typeof createActivities>;
