import { html, type Html, type HtmlValue } from '../html';

/** A section the page's script can replace by itself. `id` is its anchor and its heading's. */
export const part = (id: string, heading: string, body: HtmlValue, aside: HtmlValue = null): Html =>
  html`<section class="card" data-part="${id}" aria-labelledby="${id}">
    <div class="card-head">
      <h2 id="${id}">${heading}</h2>
      ${aside}
    </div>
    ${body}
  </section>`;

/** Keeps its place while there is nothing to show, so that the script has something to replace. */
export const emptyPart = (id: string): Html => html`<section data-part="${id}" hidden></section>`;
