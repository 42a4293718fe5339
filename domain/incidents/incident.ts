/** One of each kind per campaign: opening it again is the same incident. */
export const incidentId = (campaignId: string, kind: string): string => `${campaignId}.${kind}`;

/** Title for people. A kind may carry what it happened to after a dot: `guardrail.pilot`. */
export function incidentTitle(kind: string): string {
  const [base = kind, ...rest] = kind.split('.');
  const where = rest.length > 0 ? ` (${rest.join('.')})` : '';
  return `${TITLES[base] ?? 'Incident'}${where}`;
}

const TITLES: Readonly<Record<string, string>> = {
  guardrail: 'Guardrail crossed: campaign stopped',
  'wave-incomplete': 'A wave does not add up',
  'not-what-was-approved': 'Not what was approved: campaign stopped',
  'experiment-invalid': 'The test cannot be believed: campaign stopped',
  'campaign-failed': 'Campaign failed',
  'learn-failed': 'The report could not be written',
};
