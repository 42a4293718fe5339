/** What the workflow bundle holds: every workflow, by the name its contract gives. */
export { campaignWorkflow } from './campaign/workflow';
export { continuousWorkflow } from './continuous/workflow';
export { creativesWorkflow } from './creatives/workflow';
export { dryRunWorkflow } from './dry-run/workflow';
export { guardrailsWorkflow } from './guardrails/workflow';
export { importWorkflow } from './import/workflow';
export { scheduledCampaignWorkflow } from './scheduled-campaign/workflow';
export { waveWorkflow } from './wave/workflow';
