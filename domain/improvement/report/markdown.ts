/** Text of a person inside a line of Markdown: one line, and nothing in it that Markdown would act on. */
export const inline = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>|#]/g, (mark) => `\\${mark}`);

/** 12,345: one way to write numbers, whatever the machine's own. */
export function number(n: number): string {
  const [whole = '', ...decimals] = n.toString().split('.');
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...decimals].join('.');
}

export type Cell = string | number;

/** A table; numbers are aligned to the right. Cells are text already safe for Markdown, or counts. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const right = head.map((_, i) => rows.length > 0 && rows.every((row) => typeof row[i] === 'number'));
  const line = (cells: readonly Cell[]) =>
    `| ${cells.map((cell) => (typeof cell === 'number' ? number(cell) : cell)).join(' | ')} |`;
  return [line(head), `| ${right.map((r) => (r ? '---:' : '---')).join(' | ')} |`, ...rows.map(line)].join(
    '\n',
  );
}

/** Blocks with an empty line between, those that are empty left out. */
export const blocks = (...parts: readonly (string | null)[]): string => parts.filter(Boolean).join('\n\n');

export const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
