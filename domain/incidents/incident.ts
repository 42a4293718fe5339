/** One of each kind per campaign: opening it again is the same incident. */
export const incidentId = (campaignId: string, kind: string): string => `${campaignId}.${kind}`;

/** A campaign that goes on for long is held, and judged from then on by what it sends once it is resumed. */
export const GUARDRAIL_PAUSE = 'guardrail-pause';

/** Title for people. A kind may carry what it happened to after a dot: `guardrail.pilot`. */
export function incidentTitle(kind: string): string {
  const [base = kind, ...rest] = kind.split('.');
  const where = rest.length > 0 ? ` (${rest.join('.')})` : '';
  return `${TITLES[base] ?? 'Incident'}${where}`;
}

const TITLES: Readonly<Record<string, string>> = {
  guardrail: 'Guardrail crossed: campaign stopped',
  [GUARDRAIL_PAUSE]: 'Guardrail crossed: campaign paused',
  'pilot-worse': 'The pilot is worse than its area’s usual: campaign stopped',
  'circuit-breaker': 'A provider fails: campaign paused',
  'wave-late': 'A wave will miss its deadline',
  'entries-late': 'People who entered wait for their message',
  budget: 'A budget is spent',
  'wave-incomplete': 'A wave does not add up',
  'not-what-was-approved': 'Not what was approved: campaign stopped',
  'experiment-invalid': 'The test cannot be believed: campaign stopped',
  'campaign-failed': 'Campaign failed',
  'learn-failed': 'The report could not be written',
  'feed-late': 'A feed is late',
};
