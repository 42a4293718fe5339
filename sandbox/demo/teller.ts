/** Says what happens: lines everywhere, and where there is a terminal one line below them that moves. */
export interface Teller {
  say(line?: string): void;
  /** A heading for what begins. */
  head(line: string): void;
  /** How far long work is: a moving bar, or a plain line every few seconds. */
  progress(label: string, done: number, total: number, words?: string): void;
  /** The moving line is over. */
  end(): void;
}

interface Out {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

const PLAIN_EVERY_MS = 5_000;
const BAR = 28;

export const thousands = (n: number): string => n.toLocaleString('en-US');
export const percent = (share: number, digits = 2): string => `${(share * 100).toFixed(digits)} %`;

export function bar(done: number, total: number, width = BAR): string {
  const share = total <= 0 ? 1 : Math.min(1, Math.max(0, done / total));
  const full = Math.round(share * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${String(Math.floor(share * 100)).padStart(3)} %`;
}

export function createTeller(out: Out, now: () => number = Date.now): Teller {
  const moving = out.isTTY === true;
  let shown = false;
  let lastAt = 0;
  let lastLabel = '';
  const clear = (): void => {
    if (shown) out.write('\r\u001b[2K');
    shown = false;
  };
  const say = (line = ''): void => {
    clear();
    out.write(`${line}\n`);
  };
  return {
    say,
    head: (line) => say(moving ? `\n\u001b[1m${line}\u001b[0m` : `\n${line}`),
    progress(label, done, total, words = '') {
      const counts = `${thousands(done)} of ${thousands(total)}${words === '' ? '' : ` ${words}`}`;
      if (moving) {
        out.write(
          `\r\u001b[2K${`  ${label} ${bar(done, total)}  ${counts}`.slice(0, (out.columns ?? 100) - 1)}`,
        );
        shown = true;
        return;
      }
      if (label === lastLabel && now() - lastAt < PLAIN_EVERY_MS) return;
      lastLabel = label;
      lastAt = now();
      out.write(`  ${label}: ${counts}\n`);
    },
    end: clear,
  };
}
