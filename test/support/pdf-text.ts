import { inflateSync } from 'node:zlib';

export interface PdfLine {
  readonly page: number;
  readonly text: string;
  /** Of its start, in points from the page's left and upper edge. */
  readonly x: number;
  readonly y: number;
  readonly fontSize: number;
}

/** The lines of a PDF made by pdfkit with embedded fonts, by what the file itself says its glyphs mean (ToUnicode). */
export function pdfLines(pdf: Buffer): PdfLine[] {
  const file = pdf.toString('latin1');
  const objects = new Map(
    [...file.matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)].map((m) => [Number(m[1]), String(m[2])]),
  );
  const ref = (dict: string, name: string): number =>
    Number(new RegExp(`/${name} (\\d+) 0 R`).exec(dict)?.[1] ?? NaN);
  const stream = (id: number): string => {
    const body = objects.get(id) ?? '';
    const start = body.indexOf('stream\n') + 7;
    return inflateSync(Buffer.from(body.slice(start, body.lastIndexOf('\nendstream')), 'latin1')).toString(
      'latin1',
    );
  };
  const glyphsOf = (font: number): string[] => {
    const list =
      /<0000> <[0-9a-f]+> \[([^\]]*)\]/.exec(stream(ref(objects.get(font) ?? '', 'ToUnicode')))?.[1] ?? '';
    return [...list.matchAll(/<([0-9a-f]+)>/g)].map((m) => String.fromCharCode(parseInt(String(m[1]), 16)));
  };
  const pages = [...objects.entries()]
    .filter(([, dict]) => dict.includes('/Type /Page\n'))
    .sort(([a], [b]) => a - b);

  return pages.flatMap(([, dict], page) => {
    const height = Number(/MediaBox \[0 0 [\d.]+ ([\d.]+)\]/.exec(dict)?.[1]);
    const fonts = objects.get(ref(dict, 'Resources')) ?? '';
    const text = /1 0 0 1 ([\d.]+) ([\d.]+) Tm\n\/(F\d+) ([\d.]+) Tf\n\[(.*?)\] TJ/g;
    return [...stream(ref(dict, 'Contents')).matchAll(text)].map((m): PdfLine => {
      const glyphs = glyphsOf(ref(fonts, String(m[3])));
      const codes = [...String(m[5]).matchAll(/<([0-9a-f]+)>/g)].map((run) => String(run[1])).join('');
      const letters = (codes.match(/.{4}/g) ?? []).map((code) => glyphs[parseInt(code, 16)] ?? '\ufffd');
      return {
        page,
        text: letters.join(''),
        x: Number(m[1]),
        y: height - Number(m[2]),
        fontSize: Number(m[4]),
      };
    });
  });
}
