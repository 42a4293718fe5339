import type { Client } from '@temporalio/client';
import { createCallTemporal } from '../adapters/temporal/call';
import { createStartRun } from '../adapters/temporal/start-campaign';
import { createStartImport } from '../adapters/temporal/start-import';
import { CALL_MS, UPDATE_MS, updateOrSignal } from '../adapters/temporal/update-or-signal';
import {
  abortUpdate,
  CAMPAIGN_QUEUE,
  CAMPAIGN_WORKFLOW,
  commandedSignal,
  decidedSignal,
  decideUpdate,
  pauseUpdate,
  resumeUpdate,
  revisedUpdate,
} from '../workflows/campaign/contract';
import {
  DRY_RUN_QUEUE,
  DRY_RUN_WORKFLOW,
  dryRunWorkflowId,
  type DryRunInput,
} from '../workflows/dry-run/contract';
import { IMPORT_QUEUE, IMPORT_WORKFLOW, importWorkflowId } from '../workflows/import/contract';
import type { DryRunReport } from '../domain/campaigns/dry-run';
import type { Orchestrator } from './orchestrator';
import { createTemporalSchedules } from './temporal-schedules';

const UPDATES = {
  pause: pauseUpdate,
  resume: resumeUpdate,
  abort: abortUpdate,
  revised: revisedUpdate,
} as const;

export function createTemporalOrchestrator(
  connect: () => Promise<Client>,
  updateMs = UPDATE_MS,
): Orchestrator {
  const call = createCallTemporal(connect);

  const startRun = createStartRun({
    client: connect,
    workflowType: CAMPAIGN_WORKFLOW,
    taskQueue: CAMPAIGN_QUEUE,
  });
  const startImport = createStartImport({
    workflowType: IMPORT_WORKFLOW,
    taskQueue: IMPORT_QUEUE,
    workflowId: importWorkflowId,
  });

  return {
    startRun: (campaign) => call(CALL_MS, () => startRun(campaign)),

    startImport: (importId) => call(CALL_MS, (client) => startImport(client, importId)),

    dryRun: (input, waitMs) =>
      call(waitMs, async (client) => {
        const handle = await client.workflow.start<(input: DryRunInput) => Promise<DryRunReport>>(
          DRY_RUN_WORKFLOW,
          {
            workflowId: dryRunWorkflowId(input.dryRunId),
            taskQueue: DRY_RUN_QUEUE,
            args: [input],
            // Nobody waits for it any longer: it need not go on.
            workflowExecutionTimeout: waitMs,
            staticSummary: `dry run of ${input.scenarioKey} v${input.scenarioVersion}`,
          },
        );
        return handle.result();
      }),

    decide: (workflowId, decision) =>
      updateOrSignal(
        call,
        {
          workflowId,
          update: decideUpdate,
          updateId: decision.decisionId,
          said: decision,
          signal: decidedSignal,
          kept: [decision],
        },
        updateMs,
      ),

    command: (workflowId, kind, command) =>
      updateOrSignal(
        call,
        {
          workflowId,
          update: UPDATES[kind],
          updateId: command.commandId,
          said: command,
          signal: commandedSignal,
          kept: [kind, command],
        },
        updateMs,
      ),

    ...createTemporalSchedules(call),

    ping: () =>
      call(CALL_MS, async (client) => {
        await client.connection.workflowService.getSystemInfo({});
      }),
  };
}
