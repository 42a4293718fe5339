import { percent } from '../../experiments/words';
import type { CampaignFacts } from '../facts';
import { blocks, inline, table, type Cell } from './markdown';

const HEAD = ['Wave', 'Planned', 'Accepted', 'Failed', 'Skipped', 'Uncertain', 'Open', 'Control'];

/** Wave by wave; each line adds up: planned = accepted + failed + skipped + uncertain + open. */
export function deliveriesSection({
  report: { deliveries, incidents },
  guardrails,
  pauses,
}: CampaignFacts): string {
  if (deliveries.waves.length === 0) return blocks('## Deliveries', 'Nothing was sent.');
  const cells = (d: Omit<CampaignFacts['report']['deliveries'], 'waves' | 'reasons'>): Cell[] => [
    d.planned,
    d.accepted,
    d.failed,
    d.skipped,
    d.uncertain,
    d.open,
    d.withheld,
  ];
  return blocks(
    '## Deliveries',
    table(HEAD, [
      ...deliveries.waves.map((wave) => [wave.wave, ...cells(wave)]),
      ['**All**', ...cells(deliveries)],
    ]),
    'Planned = accepted + failed + skipped + uncertain + open. Control people get nothing and are no delivery.',
    deliveries.reasons.length > 0
      ? table(
          ['Not accepted', 'Why', 'Messages'],
          deliveries.reasons.map((r) => [r.state, inline(r.reason), r.count]),
        )
      : null,
    guardrails.length > 0
      ? table(
          ['Guardrail', 'Events', 'Of', 'Rate', 'At least (95%)', 'Limit', ''],
          guardrails.map((g) => [
            g.metric,
            g.events,
            g.n,
            percent(g.rate),
            percent(g.lower95),
            percent(g.limit),
            g.crossed ? '**crossed**' : 'ok',
          ]),
        )
      : null,
    pauses.length > 0
      ? table(
          ['Held for a guardrail', 'Why', 'Messages gone when it stopped'],
          pauses.map(({ at, message, gone }) => [
            `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
            inline(message),
            gone,
          ]),
        )
      : null,
    `Incidents: ${incidents}.`,
  );
}
