/** What tests run inside a page. As text: the DOM's types stay out of a project that has none. */
export const OPEN_DETAILS = `document.querySelectorAll('details').forEach((d) => d.setAttribute('open', ''))`;

/** Pixels the page is wider than the window. */
export const SIDEWAYS = `document.documentElement.scrollWidth - document.documentElement.clientWidth`;

/** The focused element; null at the end of the page. `shown`: it has an outline. */
export type Focus = { readonly tag: string; readonly text: string; readonly shown: boolean } | null;
export const FOCUSED = `(() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  return { tag: e.tagName, text: (e.textContent || '').trim().slice(0, 60), shown: getComputedStyle(e).outlineStyle !== 'none' };
})()`;

/** Texts whose colour on their ground is under 4.5:1, or 3:1 for large ones (WCAG 2.2, 1.4.3). */
export const LOW_CONTRASTS = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const low = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = (walker.currentNode.textContent || '').trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element || !element.checkVisibility() || ['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const [a, b] = [luminance(rgba(style.color)), luminance(groundOf(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) low.add(ratio.toFixed(2) + ' ' + (element.className || element.tagName) + ': ' + text.slice(0, 30));
  }
  return [...low];
})()`;
