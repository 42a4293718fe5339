import { describe, expect, test } from '@jest/globals';
import { load } from 'cheerio';
import fc from 'fast-check';
import { html, safeHref } from '../../../api/pages/html';

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '" onmouseover="x',
    "' autofocus onfocus='x",
    '</title><img src=x onerror=x>',
    '&lt;',
    '${x}',
    '<!--',
  ),
);
/** What an HTML parser itself changes in any text. */
const normal = (text: string): string =>
  text.replace(/\r\n?/g, '\n').replace(/\0|\uFFFD|\p{Surrogate}/gu, '');

describe('html', () => {
  test('whatever a value is, it stays text and stays inside its attribute', () => {
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        const $ = load(html`<p title="${a}">${b}</p>`.text, null, false);
        expect($('*')).toHaveLength(1);
        expect(Object.keys($('p').attr() ?? {})).toEqual(['title']);
        expect(normal($('p').attr('title') ?? '')).toBe(normal(a));
        expect(normal($('p').text())).toBe(normal(b));
      }),
    );
  });

  test('templates and lists of them nest, nothing is nothing', () => {
    const items = ['<', 'b'].map((x) => html`<li>${x}</li>`);
    expect(
      html`<ul>
        ${items}${null}${undefined}${false}${0}
      </ul>`.text.replace(/\s*\n\s*/g, ''),
    ).toBe('<ul><li>&lt;</li><li>b</li>0</ul>');
  });

  test.each([
    ['https://example.test/', 'https://example.test/'],
    ['/campaigns', '/campaigns'],
    ['javascript:alert(1)', '#'],
    ['JaVaScRiPt:alert(1)', '#'],
    ['data:text/html,x', '#'],
    ['//elsewhere.test', '#'],
    [' https://x', '#'],
  ])('a link to %s leads to %s', (from, to) => expect(safeHref(from)).toBe(to));
});
