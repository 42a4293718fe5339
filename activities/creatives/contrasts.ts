import { load, type CheerioAPI } from 'cheerio';
import Color from 'colorjs.io';
import type { ContrastPair } from '../../domain/creatives/observations';

const elementsOf = ($: CheerioAPI, selector: string) => $(selector).toArray();
type Node = ReturnType<typeof elementsOf>[number];
type Scheme = 'light' | 'dark';
type Declared = Readonly<Partial<Record<'color' | 'background', string>>>;

/** DOM: Node.TEXT_NODE. */
const TEXT_NODE = 3;
const DARK_BLOCK = /@media\s*\(prefers-color-scheme:\s*dark\)\s*\{((?:[^{}]*\{[^{}]*\})*)[^{}]*\}/g;
const RULE = /([^{}]+)\{([^{}]*)\}/g;

/**
 * Every pair of text colour and ground that the HTML declares, in light and in dark: inline styles first, then the
 * rules of the dark scheme over them, as a mail client that knows the scheme applies them. Text on a picture is not seen.
 * Dark is where it goes wrong unseen: a template that looked reasonable had 1.11 : 1 there when it was measured.
 */
export function contrastsOf(html: string): ContrastPair[] {
  const $ = load(html);
  const rules = darkRules($);
  const pairs = new Map<string, ContrastPair>();
  for (const element of elementsOf($, 'body *')) {
    const words = $(element)
      .contents()
      .toArray()
      .map((node) => (node.nodeType === TEXT_NODE ? $(node).text() : ''))
      .join(' ')
      .trim();
    if (words === '' || words === '\u00a0' || isHidden($, element)) continue;
    for (const scheme of ['light', 'dark'] as const) {
      const pair = pairOf($, element, words, scheme, rules);
      const key = `${scheme} ${pair.foreground} ${pair.background} ${pair.large}`;
      if (!pairs.has(key)) pairs.set(key, pair);
    }
  }
  return [...pairs.values()];
}

function pairOf(
  $: CheerioAPI,
  element: Node,
  words: string,
  scheme: Scheme,
  rules: ReadonlyMap<Node, Declared>,
): ContrastPair {
  const lineage = [element, ...$(element).parents().toArray()].map((node) => ({
    node,
    own: $(node).css() ?? {},
  }));
  const nearest = (property: 'color' | 'background'): string | undefined =>
    lineage
      .map(
        ({ node, own }) =>
          (scheme === 'dark' ? rules.get(node)?.[property] : undefined) ?? inline($, node, own)[property],
      )
      .find((colour) => colour !== undefined && colour !== 'transparent');
  const style = (property: string): string | undefined =>
    lineage.map(({ own }) => own[property]).find((value) => value !== undefined);
  const foreground = nearest('color') ?? '#000000';
  const background = nearest('background') ?? '#ffffff';
  const px = Number.parseFloat(style('font-size') ?? '16');
  const bold =
    /^(bold|[7-9]00)$/.test(style('font-weight') ?? '') || $(element).closest('strong, b').length > 0;
  return {
    name: `"${[...words].slice(0, 24).join('')}" in ${scheme}`,
    foreground,
    background,
    ratio: new Color(foreground).contrast(new Color(background), 'WCAG21'),
    large: px >= 24 || (bold && px >= 18.66),
  };
}

/** What an element itself says of its colours. */
function inline($: CheerioAPI, node: Node, own: Readonly<Record<string, string>>): Declared {
  const color = own['color'];
  const background = own['background-color'] ?? own['background'] ?? $(node).attr('bgcolor');
  return { ...(color === undefined ? {} : { color }), ...(background === undefined ? {} : { background }) };
}

function darkRules($: CheerioAPI): ReadonlyMap<Node, Declared> {
  const css = $('style')
    .toArray()
    .map((style) => $(style).text())
    .join('\n');
  const declared = new Map<Node, Declared>();
  for (const [, block = ''] of css.matchAll(DARK_BLOCK)) {
    for (const [, selector = '', body = ''] of block.matchAll(RULE)) {
      const color = /(?:^|;)\s*color:\s*([^;!]+?)\s*!important/.exec(body)?.[1];
      const background = /background(?:-color)?:\s*([^;!]+?)\s*!important/.exec(body)?.[1];
      const said: Declared = {
        ...(color === undefined ? {} : { color }),
        ...(background === undefined ? {} : { background }),
      };
      for (const node of elementsOf($, selector.trim()))
        declared.set(node, { ...declared.get(node), ...said });
    }
  }
  return declared;
}

const isHidden = ($: CheerioAPI, node: Node): boolean =>
  [node, ...$(node).parents().toArray()].some((n) => $(n).css('display') === 'none');
