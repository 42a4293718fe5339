/** One record, with the physical line it starts on (1-based), or why it could not be cut into cells. */
export type SourceRecord =
  | { readonly line: number; readonly cells: readonly string[] }
  | {
      readonly line: number;
      readonly fault: 'quotes-broken' | 'json-broken' | 'json-nested' | 'line-too-long';
    };

/** A record longer than this, in UTF-16 units, has a quote that was never closed. */
const RECORD_MAX = 256 * 1024;

type Scan =
  | { readonly kind: 'record'; readonly cells: string[]; readonly next: number; readonly lines: number }
  | { readonly kind: 'broken' }
  | { readonly kind: 'more' };

/**
 * Cuts CSV (RFC 4180; CR, LF or CRLF) that arrives in pieces into records. A broken quote costs its own line and
 * reading goes on at the next one. Written here because csv-parse counts a CRLF inside quotes as two lines and,
 * after a misplaced quote, swallows the rest of the file: reject reports need the true line.
 */
export class CsvReader {
  private buffer = '';
  private line = 1;

  private readonly delimiter: number;

  constructor(delimiter: string) {
    this.delimiter = delimiter.charCodeAt(0);
  }

  /** Takes the next piece of the file; answers the records it completes. `final` says that nothing follows. */
  push(piece: string, final: boolean): SourceRecord[] {
    this.buffer += piece;
    const records: SourceRecord[] = [];
    let at = 0;
    while (at < this.buffer.length) {
      const tooLong = this.buffer.length - at > RECORD_MAX;
      let scan = this.scan(at, final);
      if (scan.kind === 'more' && tooLong) scan = { kind: 'broken' };
      if (scan.kind === 'more') break;
      if (scan.kind === 'record') {
        const { cells } = scan;
        if (cells.length > 1 || cells[0] !== '') records.push({ line: this.line, cells });
        at = scan.next;
        this.line += scan.lines;
        continue;
      }
      const end = this.endOfLine(at, final || tooLong);
      if (end === null) break;
      records.push({ line: this.line, fault: 'quotes-broken' });
      at = end;
      this.line += 1;
    }
    this.buffer = this.buffer.slice(at);
    return records;
  }

  private endOfLine(from: number, final: boolean): number | null {
    for (let i = from; i < this.buffer.length; i += 1) {
      const next = this.afterBreak(i, final);
      if (next === null) return null;
      if (next > i) return next;
    }
    return final ? this.buffer.length : null;
  }

  /** Past the line break at `i`; `i` itself if there is none; null if a CR is last and its LF may yet come. */
  private afterBreak(i: number, final: boolean): number | null {
    const code = this.buffer.charCodeAt(i);
    if (code === 10) return i + 1;
    if (code !== 13) return i;
    if (i + 1 === this.buffer.length) return final ? i + 1 : null;
    return this.buffer.charCodeAt(i + 1) === 10 ? i + 2 : i + 1;
  }

  private scan(from: number, final: boolean): Scan {
    const cells: string[] = [];
    let i = from;
    let lines = 1;
    for (;;) {
      if (this.buffer.charCodeAt(i) === 34) {
        const close = this.closingQuote(i + 1, final);
        if (close === 'more') return { kind: 'more' };
        if (close === 'none') return { kind: 'broken' };
        const raw = this.buffer.slice(i + 1, close);
        lines += breaks(raw);
        cells.push(raw.includes('""') ? raw.replaceAll('""', '"') : raw);
        i = close + 1;
      } else {
        const start = i;
        i = this.endOfCell(i);
        cells.push(this.buffer.slice(start, i));
      }
      if (i >= this.buffer.length)
        return final ? { kind: 'record', cells, next: i, lines } : { kind: 'more' };
      if (this.buffer.charCodeAt(i) === this.delimiter) {
        i += 1;
        continue;
      }
      const next = this.afterBreak(i, final);
      if (next === null) return { kind: 'more' };
      return next === i ? { kind: 'broken' } : { kind: 'record', cells, next, lines };
    }
  }

  private endOfCell(from: number): number {
    const { buffer, delimiter } = this;
    for (let i = from; i < buffer.length; i += 1) {
      const code = buffer.charCodeAt(i);
      if (code === 10 || code === 13 || code === delimiter) return i;
    }
    return buffer.length;
  }

  private closingQuote(from: number, final: boolean): number | 'more' | 'none' {
    let at = from;
    for (;;) {
      const quote = this.buffer.indexOf('"', at);
      if (quote === -1) return final ? 'none' : 'more';
      if (quote + 1 === this.buffer.length && !final) return 'more';
      if (this.buffer.charCodeAt(quote + 1) !== 34) return quote;
      at = quote + 2;
    }
  }
}

function breaks(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) count += 1;
  }
  return count;
}
