import { namesOf } from '../activities/failure';
import { runStatus, type DescribingClient } from '../adapters/temporal/run-status';
import type { OpenImportsStore } from '../store/open-imports-store';
import { importWorkflowId } from '../workflows/import/contract';

export interface ReconcileImportsDeps {
  readonly client: DescribingClient;
  readonly imports: OpenImportsStore;
  readonly startImport: (importId: string) => Promise<void>;
  readonly log: { warn(fields: object, message: string): void };
}

/** A connection that brings nothing for so long is dead. */
const CUT_OFF_SECONDS = 3_600;

/** A run that ended without ending its import, by what Temporal says of it. */
const ENDS: Partial<Record<string, string>> = {
  TERMINATED: 'Terminated in Temporal.',
  CANCELLED: 'Cancelled in Temporal.',
  FAILED: 'The workflow failed; Temporal has its history.',
  TIMED_OUT: 'The workflow timed out in Temporal.',
};

/**
 * Imports as PostgreSQL has them against their runs: one that Temporal does not know is started (again: it goes on from
 * its rows), one whose run is over has failed, and so has an upload that was cut off. Their staged bytes go with them.
 */
export async function reconcileImports({
  client,
  imports,
  startImport,
  log,
}: ReconcileImportsDeps): Promise<void> {
  for (const importId of await imports.open()) {
    try {
      const status = await runStatus(client, importWorkflowId(importId));
      const ended = status === null ? undefined : ENDS[status];
      if (status === null) {
        await startImport(importId);
        log.warn({ importId }, 'Temporal does not know this import: started from what PostgreSQL has of it');
      } else if (ended !== undefined && (await imports.fail(importId, ended))) {
        log.warn({ importId, status }, 'a run ended by itself; its import has failed');
      }
    } catch (error) {
      log.warn({ importId, err: namesOf(error).name }, 'an import could not be compared with its run');
    }
  }
  const cutOff = await imports.failCutOff(CUT_OFF_SECONDS);
  if (cutOff > 0) log.warn({ imports: cutOff }, 'uploads that were cut off have failed');
}
