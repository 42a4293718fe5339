import type { CampaignFacts } from '../facts';
import { blocks, table, type Cell } from './markdown';

/** From everybody who matched down to the parts, so that every person is accounted for. */
export function audienceSection({ report: { audience } }: CampaignFacts): string {
  if (audience === null) return blocks('## Audience', 'The audience was never frozen.');
  const { matched, excluded, holdout, members, parts, personas } = audience;
  const out = Object.entries(excluded).sort(([, a], [, b]) => b - a);
  const waterfall: Cell[][] = [
    ['Matched the segment', matched],
    ...out.map(([reason, n]): Cell[] => [`− ${reason}`, n]),
    ['− holdout', holdout],
    ['= **Audience**', members],
    ['of which pilot', parts.pilot],
    ['of which test', parts.test],
    ['of which roll-out', parts.rollout],
  ];
  const byPersona = Object.entries(personas).map(([persona, n]): Cell[] => [`\`${persona}\``, n]);
  return blocks(
    '## Audience',
    table(['', 'People'], waterfall),
    byPersona.length > 0 ? table(['Persona', 'People'], byPersona) : null,
  );
}
