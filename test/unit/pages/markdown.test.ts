import { describe, expect, test } from '@jest/globals';
import { load } from 'cheerio';
import fc from 'fast-check';
import { markdown } from '../../../api/pages/markdown';

describe('markdown', () => {
  test('headings, lists, tables, quotes, code, bold and links', () => {
    const source =
      '# Titre\n\nUn **mot** et `code`,\nsuite.\n\n- a\n- b\n  suite\n\n1. un\n\n| A | B |\n| --- | ---: |\n| x \\| y | 2 |\n\n> cité\n\n```\n<b>\n```\n[ici](https://example.test/?a=1&b=2) [là](javascript:x)';
    expect(markdown(source, 3).text.replace(/\s*\n\s*/g, '')).toBe(
      '<h3>Titre</h3><p>Un <strong>mot</strong> et <code>code</code>, suite.</p><ul><li>a</li><li>b suite</li></ul><ol><li>un</li></ol>' +
        '<div class="scroll"><table><thead><tr><th scope="col">A</th><th scope="col">B</th></tr></thead><tbody><tr><td>x | y</td><td>2</td></tr></tbody></table></div>' +
        '<blockquote><p>cité</p></blockquote><pre><code>&lt;b&gt;</code></pre><p><a href="https://example.test/?a=1&amp;b=2">ici</a> <a href="#">là</a></p>',
    );
  });

  test('ends on any text and never lets markup through', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '#',
        '# ',
        '####### x',
        '|',
        '||',
        '| a |',
        '-',
        '- ',
        '- x',
        '> ',
        '>',
        '```',
        '<script>',
        '1.',
        '1. x',
        '   ',
        '**',
        '[a](b',
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const $ = load(markdown(lines.join('\n'), 3).text, null, false);
        const allowed = new Set(
          'h2 h3 h4 h5 h6 p ul ol li div table thead tbody tr th td blockquote pre code strong em a'.split(
            ' ',
          ),
        );
        $('*').each((_i, e) => {
          if ('name' in e) expect(allowed.has(e.name)).toBe(true);
        });
      }),
    );
  });
});
