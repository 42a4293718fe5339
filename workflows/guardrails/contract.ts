/** Judges a campaign by what it sends, for as long as it does. */
export const GUARDRAILS_WORKFLOW = 'guardrailsWorkflow';
export const GUARDRAILS_QUEUE = 'guardrails';

export const guardrailsWorkflowId = (campaignId: string): string => `guardrails.${campaignId}`;

export interface GuardrailsInput {
  readonly campaignId: string;
  /** A campaign that goes on for long is judged this often by what it sent of late; null: wave by wave, all the time. */
  readonly everySeconds: number | null;
}
