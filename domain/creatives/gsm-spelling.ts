/**
 * Typographic signs that GSM 03.38 lacks, each by the one everybody reads the same. One of them left in doubles or
 * triples the price of an SMS: the whole text is then sent in UCS-2, 70 characters a segment instead of 160. Letters
 * (ê, ç, œ) are not touched: that would be another spelling.
 */
const PLAIN: Readonly<Record<string, string>> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201c': '"',
  '\u201d': '"',
  '\u2013': '-',
  '\u2014': '-',
  '\u2026': '...',
  '\u2022': '-',
  '\u00a0': ' ',
  '\u202f': ' ',
  '\u2009': ' ',
};

/** In French the space inside guillemets goes with them. */
export const gsmSpelling = (text: string): string =>
  text
    .replace(/\u00ab[\s\u00a0\u202f]*/g, '"')
    .replace(/[\s\u00a0\u202f]*\u00bb/g, '"')
    .replace(
      /[\u2009\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u202f\u00a0]/g,
      (sign) => PLAIN[sign] ?? sign,
    );
