import { existsSync } from 'node:fs';
import { fromRoot } from '../config/paths';

export const workflowBundlePath = fromRoot('dist', 'workflow-bundle.js');

/** The prebuilt bundle. A worker never bundles on the fly: what runs is what was built and replayed. */
export function prebuiltWorkflows(): { codePath: string } {
  if (!existsSync(workflowBundlePath)) {
    throw new Error(`${workflowBundlePath} is missing: run \`npm run build\` first.`);
  }
  return { codePath: workflowBundlePath };
}
