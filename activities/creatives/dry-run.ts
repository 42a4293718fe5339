import type { Scenario } from '../../domain/campaigns/scenario';
import type { DryRunReport } from '../../domain/campaigns/dry-run';
import { creativeTasks } from '../../domain/creatives/creative-tasks';
import type { CreativesStore } from '../../store/creatives-store';
import type { PoliciesStore } from '../../store/policies-store';
import { creativePolicies } from './creative-policies';
import { makeCreative, orderOf, type MakeDeps } from './make';

/** Every step and channel for people of these personas. */
export type RenderForDryRun = (
  scenario: Scenario,
  personas: readonly string[],
) => Promise<DryRunReport['creatives']>;

/** Renders and judges as a campaign would, and keeps nothing. */
export function createDryRunRenderer(
  deps: MakeDeps & {
    readonly store: Pick<CreativesStore, 'latestPersonaRows'>;
    readonly policies: Pick<PoliciesStore, 'list'>;
  },
): RenderForDryRun {
  const nowhere = { ...deps, blobs: { put: async () => '0'.repeat(64), get: async () => null } };
  return async (scenario, personas) => {
    const [rows, policies] = await Promise.all([
      deps.store.latestPersonaRows(),
      creativePolicies(deps.policies),
    ]);
    const tasks = creativeTasks(scenario, policies.channels, personas);
    const findings: DryRunReport['creatives']['findings'][number][] = [];
    let rejected = 0;
    for (const task of tasks) {
      const made = await makeCreative(nowhere, orderOf(scenario, rows, policies, task));
      if (made.rejected) rejected += 1;
      findings.push(
        ...made.findings.map(({ check, severity, message }) => ({ ...task, check, severity, message })),
      );
    }
    return { rendered: tasks.length, rejected, findings };
  };
}
