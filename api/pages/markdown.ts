import { html, safeHref, type Html } from './html';

/**
 * The Markdown Boucle's own reports use: headings, paragraphs, lists, tables, quotes, code, bold, links. Everything
 * is escaped: a report quotes scenarios, and scenarios are anybody's text. `base`: level of the top heading.
 */
export function markdown(source: string, base: number): Html {
  const lines = source.replaceAll('\r\n', '\n').split('\n');
  const blocks: Html[] = [];
  let i = 0;
  const take = (test: (line: string) => boolean): string[] => {
    const from = i;
    while (i < lines.length && test(lines[i] ?? '')) i++;
    return lines.slice(from, i);
  };
  while (i < lines.length) {
    const line = lines[i] ?? '';
    const [, marks, words] = /^(#{1,6})\s+(.*)$/.exec(line) ?? [];
    if (marks !== undefined && words !== undefined) {
      blocks.push(heading(Math.min(6, marks.length - 1 + base), words));
      i++;
    } else if (line.startsWith('```')) {
      i++;
      const code = take((l) => !l.startsWith('```'));
      i++;
      blocks.push(html`<pre><code>${code.join('\n')}</code></pre>`);
    } else if (isRow(line)) {
      blocks.push(table(take(isRow)));
    } else if (isItem(line)) {
      blocks.push(list(take((l) => isItem(l) || /^\s{2,}\S/.test(l))));
    } else if (line.startsWith('>')) {
      blocks.push(
        html`<blockquote>
          <p>
            ${inline(
              take((l) => l.startsWith('>'))
                .map((l) => l.replace(/^>\s?/, ''))
                .join(' '),
            )}
          </p>
        </blockquote>`,
      );
    } else if (line.trim() === '') {
      i++;
    } else {
      blocks.push(
        html`<p>
          ${inline(take((l) => l.trim() !== '' && !isItem(l) && !isRow(l) && !/^(#{1,6}\s|```|>)/.test(l)).join(' '))}
        </p>`,
      );
    }
  }
  return html`${blocks}`;
}

const isRow = (line: string): boolean => /^\s*\|.*\|\s*$/.test(line);
const isItem = (line: string): boolean => /^\s*([-*]|\d+\.)\s+\S/.test(line);

function heading(level: number, words: string): Html {
  switch (level) {
    case 3:
      return html`<h3>${inline(words)}</h3>`;
    case 4:
      return html`<h4>${inline(words)}</h4>`;
    case 5:
      return html`<h5>${inline(words)}</h5>`;
    default:
      return level < 3 ? html`<h2>${inline(words)}</h2>` : html`<h6>${inline(words)}</h6>`;
  }
}

function table(rows: readonly string[]): Html {
  const cells = (row: string): string[] =>
    row
      .trim()
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((c) => c.trim().replaceAll('\\|', '|'));
  const [head = '', ...rest] = rows;
  const body = rest.filter((row) => !/^[\s|:-]+$/.test(row));
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${cells(head).map((c) => html`<th scope="col">${inline(c)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${body.map(
          (row) =>
            html`<tr>
              ${cells(row).map((c) => html`<td>${inline(c)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function list(lines: readonly string[]): Html {
  const items: string[] = [];
  for (const line of lines) {
    if (isItem(line)) items.push(line.replace(/^\s*([-*]|\d+\.)\s+/, ''));
    else items.push(`${items.pop() ?? ''} ${line.trim()}`);
  }
  const body = items.map((item) => html`<li>${inline(item)}</li>`);
  return /^\s*\d/.test(lines[0] ?? '')
    ? html`<ol>
        ${body}
      </ol>`
    : html`<ul>
        ${body}
      </ul>`;
}

const INLINE =
  /\*\*(?<bold>[^*]+)\*\*|`(?<code>[^`]+)`|\[(?<label>[^\]]+)\]\((?<url>[^)\s]+)\)|(?<![\w*])\*(?<em>[^*\s][^*]*)\*(?!\w)/g;

function inline(text: string): Html {
  const out: (Html | string)[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    out.push(text.slice(from, match.index));
    from = match.index + match[0].length;
    const { bold, code, label, url, em } = match.groups ?? {};
    if (bold !== undefined) out.push(html`<strong>${bold}</strong>`);
    else if (code !== undefined) out.push(html`<code>${code}</code>`);
    else if (em !== undefined) out.push(html`<em>${em}</em>`);
    else if (label !== undefined && url !== undefined)
      out.push(html`<a href="${safeHref(url)}">${label}</a>`);
  }
  out.push(text.slice(from));
  return html`${out}`;
}
