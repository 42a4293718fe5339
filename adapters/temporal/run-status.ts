import { WorkflowNotFoundError, type WorkflowExecutionStatusName } from '@temporalio/client';

/** The part of Temporal's client that is asked. */
export interface DescribingClient {
  readonly workflow: {
    getHandle(workflowId: string): {
      describe(): Promise<{ readonly status: { readonly name: WorkflowExecutionStatusName } }>;
    };
  };
}

/** Of the latest run by this id; null: Temporal knows none. */
export async function runStatus(
  client: DescribingClient,
  workflowId: string,
): Promise<WorkflowExecutionStatusName | null> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
