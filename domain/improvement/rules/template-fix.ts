import type { Rule } from './rule';

/** Twice is a pattern: in two campaigns, or in three creatives of one. */
const MIN_CAMPAIGNS = 2;
const MIN_CREATIVES = 3;

/** A finding that comes back belongs to the template, not to the creative. */
export const templateFix: Rule = ({ recurringFindings }) =>
  recurringFindings
    .filter(({ severity, campaigns, creatives }) => {
      return (
        severity !== 'info' && creatives > 0 && (campaigns >= MIN_CAMPAIGNS || creatives >= MIN_CREATIVES)
      );
    })
    .map(({ check, severity, campaigns, creatives }) => ({
      key: check,
      title: `Fix "${check}" in the master template`,
      why: `The check ${check} found something in ${creatives} creatives of this campaign and in ${campaigns} campaign(s) of the brand: it costs a revision every time.`,
      revenuePotential: severity === 'blocking' ? 2 : 1,
      difficulty: 1,
      statisticalFeasibility: 3,
    }));
