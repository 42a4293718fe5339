/** A4 in 11 pt with the margins of a French business letter; the first page gives its head to addresses and subject. */
const CHARACTERS_A_LINE = 88;
const FIRST_PAGE_LINES = 30;
const PAGE_LINES = 48;
/** An A4 sheet of 80 g/m² weighs 4.99 g; an envelope with its window, about 5. */
const SHEET_GRAMS = 5;
const ENVELOPE_GRAMS = 5;

/** Pages a letter takes, counted generously: it is what somebody may have to pay for. */
export function letterPages(paragraphs: readonly string[]): number {
  const lines = paragraphs
    .flatMap((paragraph) => [...paragraph.split('\n'), ''])
    .reduce((sum, text) => sum + Math.max(1, Math.ceil([...text].length / CHARACTERS_A_LINE)), 0);
  return 1 + Math.max(0, Math.ceil((lines - FIRST_PAGE_LINES) / PAGE_LINES));
}

/** With its envelope, one page a sheet. */
export const letterGrams = (pages: number): number => ENVELOPE_GRAMS + pages * SHEET_GRAMS;
