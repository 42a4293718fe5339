import { html, type Html } from './html';

/** Figures as a person reads them; English, like the rest of the pages. */
export const count = (n: number): string => n.toLocaleString('en-GB');

export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`;

/** A share as a percentage with so many decimals; small shares that are not zero never show as 0. */
export function percent(share: number, decimals = 1): string {
  const text = (share * 100).toFixed(decimals);
  if (share > 0 && Number(text) === 0) return `< ${(10 ** -decimals).toFixed(decimals)} %`;
  return `${text} %`;
}

/** A difference of shares in percentage points, always with its sign. */
export const points = (share: number, decimals = 2): string =>
  `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(decimals)} pt`;

const UNITS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;

/** The two largest units: "3 d 4 h", "2 min 5 s", "0.4 s". */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms / 1_000);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  let rest = Math.round(seconds);
  const parts: string[] = [];
  for (const [size, unit] of UNITS) {
    const n = Math.floor(rest / size);
    rest -= n * size;
    if (n > 0) parts.push(`${n} ${unit}`);
    if (parts.length > 0 && (parts.length === 2 || n === 0)) break;
  }
  return parts.join(' ');
}

/** A moment in UTC; the page's script turns it into the reader's own time. */
export function moment(at: Date | string): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`;
}
