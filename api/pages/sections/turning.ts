import type { Variant } from '../../../domain/experiments/sensitivity';
import { count, percent } from '../format';
import { html, type Html } from '../html';
import { scrollTable } from './scroll-table';

/** What would have been decided, had one thing been otherwise. */
export function turning(all: readonly Variant[], label: (arm: string) => Html): Html {
  const turned = all.filter((one) => one.turned).length;
  return scrollTable(
    'Sensitivity',
    `${count(turned)} of ${count(all.length)} other readings decide otherwise (${percent(all.length === 0 ? 0 : turned / all.length, 0)})`,
    [{ head: 'Had it been' }, { head: 'Decision' }, { head: 'The same?' }],
    all.map(
      (one) =>
        html`<tr>
          <th scope="row">${one.what}</th>
          <td>${one.action}${one.arm !== null && html` ${label(one.arm)}`}</td>
          <td>${one.turned ? html`<strong>no</strong>` : 'yes'}</td>
        </tr>`,
    ),
  );
}
