import type { DeliveryCounts } from '../../domain/campaigns/audience';
import { count, percent } from './format';
import { html, type Html } from './html';

const PARTS = ['accepted', 'failed', 'skipped', 'uncertain', 'open'] as const;

export const PART_LABELS = {
  accepted: 'Accepted',
  failed: 'Failed',
  skipped: 'Skipped',
  uncertain: 'Uncertain',
  open: 'Open',
} as const satisfies Record<(typeof PARTS)[number], string>;

/** A bar whose pieces add up to `planned`, with the figures for those who do not see it. */
export function stackedBar(counts: DeliveryCounts, size: 'big' | 'small'): Html {
  const total = Math.max(1, counts.planned);
  const words = PARTS.filter((part) => counts[part] > 0).map((part) => `${count(counts[part])} ${part}`);
  let from = 0;
  const pieces = PARTS.map((part) => {
    const width = (counts[part] / total) * 100;
    const at = from;
    from += width;
    return (
      width > 0 &&
      html`<rect class="fill-${part}" x="${at.toFixed(3)}" width="${width.toFixed(3)}" height="10" />`
    );
  });
  const label =
    counts.planned === 0 ? 'Nothing planned' : `Of ${count(counts.planned)} planned: ${words.join(', ')}`;
  return html`<svg
    class="bar bar-${size}"
    viewBox="0 0 100 10"
    preserveAspectRatio="none"
    role="img"
    aria-label="${label}"
  >
    <rect class="fill-track" width="100" height="10" />
    ${pieces}
  </svg>`;
}

/** Counts under the bar, with a swatch each. */
export function barLegend(counts: DeliveryCounts): Html {
  return html`<ul class="legend">
    ${PARTS.map(
      (part) =>
        html`<li>
          <span class="swatch bg-${part}" aria-hidden="true"></span
          ><span class="legend-name">${PART_LABELS[part]}</span> <strong>${count(counts[part])}</strong>
          <span class="muted">${counts.planned > 0 ? percent(counts[part] / counts.planned) : ''}</span>
        </li>`,
    )}
  </ul>`;
}
