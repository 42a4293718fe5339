import { dirname, join } from 'node:path';
import PDFDocument from 'pdfkit';
import { addressBlock } from '../../domain/delivery/letter-address';
import type { OutgoingLetter } from '../../domain/delivery/ports';
import { letterWords } from './letter-words';

export interface LetterPdf {
  readonly pdf: Buffer;
  readonly pages: number;
}

const fontFolder = join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const FONTS = {
  text: join(fontFolder, 'DejaVuSansCondensed.ttf'),
  bold: join(fontFolder, 'DejaVuSansCondensed-Bold.ttf'),
};

const mm = (millimetres: number): number => (millimetres * 72) / 25.4;

/**
 * Where things stand on the first page, in millimetres from its upper left corner. The recipient is in the window of a
 * DL envelope of the French make (a frame of 85 × 33 at 110 from the left and 55 from the top, the sheet folded in
 * three); nothing else may show there.
 */
const A4 = { margin: 20, bottom: 27, width: 210, height: 297 };
const WINDOW = { x: 110, y: 55, width: 85, height: 33, inset: 3 };
const SENDER = { y: 20, width: 80 };
const DATE_Y = 97;
const BODY_Y = 110;
const FOLDS = [99, 198];

const SIZE = { text: 10.5, address: 10, small: 8 };

/** An A4 letter with its fonts embedded. `date` is the day it bears. */
export async function renderLetter(letter: OutgoingLetter, date: Date): Promise<LetterPdf> {
  const doc = new PDFDocument({
    size: 'A4',
    margins: { top: mm(A4.margin), left: mm(A4.margin), right: mm(A4.margin), bottom: mm(A4.bottom) },
    bufferPages: true,
    lang: letter.locale,
    info: { Title: letter.subject, Author: letter.from.name, CreationDate: date, ModDate: date },
  });
  const bytes = collect(doc);
  const words = letterWords(letter.locale);
  doc.registerFont('text', FONTS.text).registerFont('bold', FONTS.bold);

  senderBlock(doc, letter);
  recipientBlock(doc, letter);
  doc.font('text').fontSize(SIZE.text);
  doc.text(words.placeAndDate(letter.from.city, longDate(date, letter.locale)), mm(WINDOW.x), mm(DATE_Y), {
    width: mm(A4.width - A4.margin - WINDOW.x),
  });

  doc.x = mm(A4.margin);
  doc.y = mm(BODY_Y);
  const kind = words.kinds[letter.kind];
  if (kind !== null) doc.font('bold').text(kind).moveDown(0.5);
  doc.font('bold').text(glued(words.subject + letter.subject));
  doc.moveDown(1.2).font('text');
  for (const paragraph of letter.paragraphs) doc.text(glued(paragraph), { lineGap: 3 }).moveDown(0.8);

  const { count } = doc.bufferedPageRange();
  for (let page = 0; page < count; page += 1) footer(doc, page, count, letter.deliveryId);
  doc.end();
  return { pdf: await bytes, pages: count };
}

type Doc = InstanceType<typeof PDFDocument>;

function senderBlock(doc: Doc, { from, locale }: OutgoingLetter): void {
  const width = mm(SENDER.width);
  const [name = '', ...rest] = addressBlock(from, from, locale);
  doc.font('bold').fontSize(SIZE.address).text(name, mm(A4.margin), mm(SENDER.y), { width });
  doc.font('text').fontSize(SIZE.small + 1);
  for (const line of rest) doc.text(line, { width });
}

/** Every line whole and on one line: what does not fit is set smaller, as a whole, since readers look for one size. */
function recipientBlock(doc: Doc, letter: OutgoingLetter): void {
  const lines =
    letter.to === null ? [letter.email ?? ''] : addressBlock(letter.to, letter.from, letter.locale);
  const width = mm(WINDOW.width - 2 * WINDOW.inset);
  doc.font('text').fontSize(SIZE.address);
  const widest = Math.max(...lines.map((line) => doc.widthOfString(line)));
  doc.fontSize(SIZE.address * Math.min(1, width / widest));
  const lineHeight = doc.currentLineHeight(true) * 1.15;
  const top = mm(WINDOW.y) + (mm(WINDOW.height) - lineHeight * lines.length) / 2;
  for (const [n, line] of lines.entries())
    doc.text(line, mm(WINDOW.x + WINDOW.inset), top + n * lineHeight, { lineBreak: false });
}

/** Page, reference and fold marks; the margin is lifted, or writing below it would start a new page. */
function footer(doc: Doc, page: number, pages: number, deliveryId: number): void {
  doc.switchToPage(page);
  doc.page.margins.bottom = 0;
  const y = mm(A4.height - 15);
  doc.font('text').fontSize(SIZE.small).fillColor('#555555');
  doc.text(`${page + 1}/${pages}`, 0, y, { width: mm(A4.width), align: 'center', lineBreak: false });
  doc.text(`d${deliveryId}`, mm(A4.margin), y, { lineBreak: false });
  doc.fillColor('#000000');
  if (page > 0) return;
  doc.lineWidth(0.4).strokeColor('#999999');
  for (const fold of FOLDS) doc.moveTo(mm(4), mm(fold)).lineTo(mm(8), mm(fold)).stroke();
}

/** French signs and the groups of a number stay with what they belong to. */
const glued = (text: string): string => text.replace(/ (?=[€%;:!?»])|(?<=\d) (?=\d{3}\b)|(?<=«) /g, '\u00a0');

/** The day in France, where the sheets are printed. */
const longDate = (date: Date, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'Europe/Paris' }).format(date);

function collect(doc: Doc): Promise<Buffer> {
  const parts: Buffer[] = [];
  return new Promise((resolve, reject) => {
    doc.on('data', (part: Buffer) => parts.push(part));
    doc.on('end', () => resolve(Buffer.concat(parts)));
    doc.on('error', reject);
  });
}
