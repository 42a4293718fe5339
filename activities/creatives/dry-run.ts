import type { Scenario } from '../../domain/campaigns/scenario';
import type { DryRunReport } from '../../domain/campaigns/dry-run';
import type { CreativesStore } from '../../store/creatives-store';
import type { CreativeTask } from '../contract';
import { contentFor, makeCreative, type MakeDeps } from './make';

export type RenderForDryRun = (
  scenario: Scenario,
  pairs: readonly CreativeTask[],
) => Promise<DryRunReport['creatives']>;

/** Renders and judges as a campaign would, and keeps nothing. */
export function createDryRunRenderer(
  deps: MakeDeps & { readonly store: Pick<CreativesStore, 'latestPersonaRows'> },
): RenderForDryRun {
  const nowhere = { ...deps, blobs: { put: async () => '0'.repeat(64), get: async () => null } };
  return async (scenario, pairs) => {
    const rows = await deps.store.latestPersonaRows();
    const findings: DryRunReport['creatives']['findings'][number][] = [];
    let rejected = 0;
    for (const { persona, arm } of pairs) {
      const made = await makeCreative(nowhere, scenario, contentFor(scenario, rows, persona, arm));
      if (made.rejected) rejected += 1;
      findings.push(
        ...made.findings.map(({ check, severity, message }) => ({ persona, arm, check, severity, message })),
      );
    }
    return { rendered: pairs.length, rejected, findings };
  };
}
