/** Renders and checks persona × arm in a bounded window of activities. */
export const CREATIVES_WORKFLOW = 'creativesWorkflow';
export const RENDERING_QUEUE = 'rendering';

/** `round` grows with each revision, so that a restarted parent never runs one twice. */
export const creativesWorkflowId = (campaignId: string, round: number): string =>
  `creatives.${campaignId}.${round}`;

export interface CreativesInput {
  readonly campaignId: string;
}

export interface CreativesResult {
  readonly rendered: number;
  readonly rejected: number;
}
