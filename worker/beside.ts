import { createSendingTools } from '../activities/delivery';
import { namesOf } from '../activities/failure';
import { createGitFolder } from '../adapters/knowledge/git-folder';
import { createStartImport } from '../adapters/temporal/start-import';
import { createApprovalsStore } from '../store/approvals-store';
import { createCampaignsStore } from '../store/campaigns-store';
import { sweepShared } from '../store/consistency-sweep';
import { createDataQualityStore } from '../store/data-quality-store';
import { createRefreshes } from '../store/derived/refresh';
import { createImprovementStore } from '../store/improvement-store';
import { createMembershipsStore } from '../store/memberships-store';
import { bringStragglers } from '../store/merging/stragglers';
import { createMessagesStore } from '../store/messages-store';
import { sweepPersonal } from '../store/personal-sweep';
import { createNoticesStore } from '../store/notices-store';
import { createOpenImportsStore } from '../store/open-imports-store';
import { createMatrixDuties } from '../store/persona-matrix/duties';
import { createProofsStore } from '../store/proofs-store';
import { createSlackInboxStore } from '../store/slack-inbox-store';
import { createSourcesStore } from '../store/sources-store';
import { createWebhooksStore } from '../store/webhooks-store';
import { IMPORT_QUEUE, IMPORT_WORKFLOW, importWorkflowId } from '../workflows/import/contract';
import type { Activities } from './activities';
import { createDeliverDecision } from './deliver-decision';
import { deliveryDeps } from './delivery-deps';
import type { Dependencies } from './dependencies';
import { every } from './every';
import { doMatrixDuties } from './matrix-duties';
import { doPeopleDuties } from './people-duties';
import { runMessageLane } from './message-lane';
import { runProofLane } from './proof-lane';
import { tellNotices } from './notices';
import { createProofSender } from './proof-sender';
import { reconcileCampaigns } from './reconcile';
import { reconcileImports } from './reconcile-imports';
import { closeSenders, createSenders, type Connections } from './senders';
import { runSegmentLane } from './segment-lane';
import { runSlackOutbox } from './slack-outbox';
import { runWebhookOutbox } from './webhook-outbox';

/** How often open campaigns and imports are compared with Temporal's runs. */
const RECONCILE_EVERY_MS = 15_000;
/** How often what has served is cleared away, and how long what was told to subscribers is kept. */
const SWEEP_EVERY_MS = 3_600_000;
const WEBHOOKS_KEPT_DAYS = 30;
/** How often it is looked whether owners of campaigns are to be told of a wave. */
const NOTICES_EVERY_MS = 5_000;
/** How often the persona matrix is looked after: commits to it, what Slack is to hear of it. */
const MATRIX_EVERY_MS = 10_000;
/** How often feeds are looked after, and what else hangs on the clock about people. */
const PEOPLE_EVERY_MS = 30_000;
/**
 * A campaign may hold every connection of its own; single messages have these. More than the load asks for: one may be
 * held for minutes by a server that hangs.
 */
const LANE_CONNECTIONS: Connections = {
  email: 16,
  sms: 8,
  push: 8,
  'in-app': 2,
  letter: 2,
  'e-letter': 2,
};

/** The loops of `campaigns`: what people said in Slack, what subscribers are told, campaigns that Temporal lost. */
export function runCampaignLoops(
  deps: Dependencies,
  activities: Pick<Activities, 'closeAborted' | 'openIncident'>,
  signal: AbortSignal,
): Promise<void>[] {
  const { client, db, env, log } = deps;
  const webhooks = createWebhooksStore(db.app);
  const proofs = createProofsStore(db, env.BOUCLE_PEPPER);
  const startImport = createStartImport({
    workflowType: IMPORT_WORKFLOW,
    taskQueue: IMPORT_QUEUE,
    workflowId: importWorkflowId,
  });
  return [
    every(RECONCILE_EVERY_MS, signal, log, async () => {
      await reconcileCampaigns({
        client,
        campaigns: createCampaignsStore(db.app),
        log,
        startRun: async (id) => void (await deps.starter.startAgain(id)),
        closeAborted: (campaignId) => activities.closeAborted({ campaignId }),
      });
    }),
    every(RECONCILE_EVERY_MS, signal, log, () =>
      reconcileImports({
        client,
        imports: createOpenImportsStore(db.app),
        startImport: (importId) => startImport(client, importId),
        log,
      }),
    ),
    runSlackOutbox({
      inbox: createSlackInboxStore(db.app),
      approvals: createApprovalsStore(db.app),
      deliver: createDeliverDecision(client),
      messenger: deps.messenger,
      log,
      signal,
    }),
    runProofLane({ proofs, send: createProofSender(deps, proofs), log, signal }),
    every(NOTICES_EVERY_MS, signal, log, async () => {
      await tellNotices({
        notices: createNoticesStore(db.app),
        messenger: deps.messenger,
        openIncident: activities.openIncident,
        log,
      });
    }),
    every(MATRIX_EVERY_MS, signal, log, () =>
      doMatrixDuties(
        {
          duties: createMatrixDuties(db.app),
          knowledge: createGitFolder(env.knowledgeDir),
          improvement: createImprovementStore(db.app),
          messenger: deps.messenger,
          log,
        },
        new Date(),
      ),
    ),
    runWebhookOutbox({ webhooks, sender: deps.webhookSender, log, signal }),
    every(SWEEP_EVERY_MS, signal, log, async () => void (await webhooks.sweep(WEBHOOKS_KEPT_DAYS))),
    every(SWEEP_EVERY_MS, signal, log, async () => void (await sweepPersonal(db.identity))),
  ];
}

/** Each of its five loops has a connection, and none of those that sends wait for. */
const SEGMENT_CONNECTIONS = 5;

/** The lane of `segments`: who is in which, and whatever else goes through everybody, with connections of its own. */
export async function runSegments(
  { ownConnections, messenger, log }: Dependencies,
  signal: AbortSignal,
): Promise<void> {
  const db = ownConnections(SEGMENT_CONNECTIONS);
  try {
    const memberships = createMembershipsStore(db.app, (profileId, fault) =>
      log.warn({ profileId, fault: namesOf(fault) }, 'somebody cannot be judged; tried again later'),
    );
    const refreshes = createRefreshes(db.app);
    const duties = {
      refreshes,
      sources: createSourcesStore(db.app),
      quality: createDataQualityStore(db),
      sweepShared: () => sweepShared(db.app),
      bringStragglers: () => bringStragglers(db.identity),
      messenger,
      log,
    };
    await Promise.all([
      runSegmentLane({ memberships, refreshes, log, signal }),
      every(PEOPLE_EVERY_MS, signal, log, () => doPeopleDuties(duties, new Date())),
    ]);
  } finally {
    await db.close();
  }
}

/** The lane of `service`: single messages, with connections no campaign can take. */
export async function runServiceLane(
  deps: Dependencies,
  activities: Pick<Activities, 'openIncident'>,
  signal: AbortSignal,
): Promise<void> {
  const { db, env, log } = deps;
  const senders = createSenders(env, db, log, LANE_CONNECTIONS);
  const sending = deliveryDeps(deps, senders, { heartbeat: () => {}, cancelled: () => signal.aborted });
  try {
    await runMessageLane({
      deps: sending,
      tools: createSendingTools(sending),
      messages: createMessagesStore(db),
      onBreaker: (campaignId) =>
        activities.openIncident({
          campaignId,
          kind: 'circuit-breaker.messages',
          message:
            'Service messages wait: their provider failed too often in a row. They are tried again by themselves.',
        }),
      log,
      signal,
    });
  } finally {
    await closeSenders(senders);
  }
}
