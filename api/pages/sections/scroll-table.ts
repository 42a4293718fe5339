import { html, type Html } from '../html';

/** A column's head; `num` is aligned to the right, `plot` is drawn. */
export interface Column {
  readonly head: string;
  readonly kind?: 'num' | 'plot';
}

/** A table that scrolls by itself where the screen is narrow, by keyboard too. */
export const scrollTable = (
  label: string,
  caption: string,
  columns: readonly Column[],
  rows: readonly Html[],
): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map(({ head, kind }) =>
            kind === undefined
              ? html`<th scope="col">${head}</th>`
              : html`<th scope="col" class="${kind}">${head}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
