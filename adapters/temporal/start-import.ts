import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy, type Client } from '@temporalio/client';

/** Starts reading an import; one that is being read is left to it. */
export type StartImport = (client: Client, importId: string) => Promise<void>;

export const createStartImport =
  (of: {
    readonly workflowType: string;
    readonly taskQueue: string;
    readonly workflowId: (importId: string) => string;
  }): StartImport =>
  async (client, importId) => {
    await client.workflow.start(of.workflowType, {
      workflowId: of.workflowId(importId),
      taskQueue: of.taskQueue,
      args: [{ importId }],
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      staticSummary: `import ${importId}`,
    });
  };
