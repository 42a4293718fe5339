import { setCurrentDetails } from '@temporalio/workflow';
import { activities } from '../activity-groups';
import type { CreativesInput, CreativesResult } from './contract';

/** Renders in flight: two cores' worth, doubled so that encoding and PostgreSQL overlap. */
const WINDOW = 4;

export async function creativesWorkflow({ campaignId }: CreativesInput): Promise<CreativesResult> {
  const tasks = await activities.rendering.planCreatives({ campaignId });
  const queue = [...tasks];
  let rendered = 0;
  let rejected = 0;
  const lane = async (): Promise<void> => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
      const { status } = await activities.rendering.renderCreative({ campaignId, ...task });
      rendered += 1;
      if (status === 'reject') rejected += 1;
      setCurrentDetails(`${rendered} of ${tasks.length} rendered, ${rejected} rejected`);
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, lane));
  return { rendered, rejected };
}
