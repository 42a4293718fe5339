import { percent } from '../../experiments/words';
import type { Rule } from './rule';

/** Below this share of those who matched, an exclusion is the ordinary wear of a list. */
const WORTH_A_PROGRAMME = 0.05;

/** What wins people back, by the reason they are out. Suppressed people have decided, and are left alone. */
const PROGRAMMES: Readonly<Record<string, { readonly title: string; readonly difficulty: number }>> = {
  'consent-expired': { title: 'Ask again those whose consent has expired, before it does', difficulty: 2 },
  'no-consent': { title: 'Collect consent where people meet the brand: account, till, order', difficulty: 3 },
  unreachable: { title: 'Collect missing addresses, and repair the ones that do not work', difficulty: 4 },
  doubtful: { title: 'Repair the contradictory records at their source', difficulty: 3 },
  'no-persona': { title: 'Extend the persona matrix to the people it does not describe', difficulty: 2 },
};

/** People the segment wanted and the campaign could not have. */
export const exclusions: Rule = ({ report }) => {
  const { audience } = report;
  if (!audience || audience.matched === 0) return [];
  return Object.entries(audience.excluded).flatMap(([reason, count]) => {
    const programme = PROGRAMMES[reason];
    const share = count / audience.matched;
    if (!programme || share < WORTH_A_PROGRAMME) return [];
    return [
      {
        key: reason,
        title: programme.title,
        why: `${count} of ${audience.matched} people who matched (${percent(share)}) were left out: ${reason}.`,
        revenuePotential: share >= 0.2 ? 5 : share >= 0.1 ? 4 : 3,
        difficulty: programme.difficulty,
        statisticalFeasibility: count >= 2_000 ? 4 : 2,
      },
    ];
  });
};
