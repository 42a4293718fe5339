/** Judges a campaign that goes on for long (continuous, triggered) by what it sent of late, for as long as it does. */
export const GUARDRAILS_WORKFLOW = 'guardrailsWorkflow';

export const guardrailsWorkflowId = (campaignId: string): string => `guardrails.${campaignId}`;

export interface GuardrailsInput {
  readonly campaignId: string;
  readonly everySeconds: number;
}
