import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { createFolderSender } from '../../../adapters/letters/folder-sender';
import { createHttpsELetterSender } from '../../../adapters/letters/https-sender';
import { renderLetter } from '../../../adapters/letters/letter-pdf';
import { addressBlock } from '../../../domain/delivery/letter-address';
import type { OutgoingLetter, PostalAddress } from '../../../domain/delivery/ports';
import { startLetterProvider, type LetterProvider } from '../../../sandbox/letters/letter-provider';
import { pdfLines } from '../../support/pdf-text';

const LUMEN: PostalAddress = {
  name: 'Maison Lumen',
  line1: '18 rue des Ateliers',
  line2: null,
  postcode: '69000',
  city: 'Lyon',
  country: 'FR',
};
const ELEONORE: PostalAddress = {
  name: 'Éléonore Desbordes-Valmore',
  line1: '12 bis, avenue du Général-de-Gaulle',
  line2: 'Bâtiment B, 3e étage',
  postcode: '75011',
  city: 'Paris',
  country: 'FR',
};
const letter = (change: Partial<OutgoingLetter> = {}): OutgoingLetter => ({
  deliveryId: 41,
  kind: 'registered',
  campaignId: 'cletters',
  from: LUMEN,
  to: ELEONORE,
  email: null,
  subject: 'facture n° 2026-0412 : 1 249,90 €',
  paragraphs: ['Madame,', 'Où en est l’été ? Cœur, naïveté, çà et là.', 'Salutations distinguées.'],
  locale: 'fr',
  ...change,
});
const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');
const mm = (points: number): number => (points * 25.4) / 72;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letters-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the address', () => {
  test('in France: complement above the street, from there on capitals without punctuation', () => {
    expect(addressBlock(ELEONORE, LUMEN, 'fr')).toEqual([
      'Éléonore Desbordes-Valmore',
      'Bâtiment B, 3e étage',
      '12 BIS AVENUE DU GÉNÉRAL-DE-GAULLE',
      '75011 PARIS',
    ]);
  });

  test('abroad: the country last, in the language of the letter; no line longer than the norm has', () => {
    const berlin = {
      ...ELEONORE,
      line1: 'Straße des 17. Juni 135',
      line2: null,
      postcode: '10623',
      city: 'Berlin',
      country: 'DE',
    };
    expect(addressBlock(berlin, LUMEN, 'fr').slice(1)).toEqual([
      'Straße des 17. Juni 135',
      '10623 BERLIN',
      'ALLEMAGNE',
    ]);
    expect(addressBlock(berlin, LUMEN, 'en').at(-1)).toBe('GERMANY');
    const long = addressBlock({ ...ELEONORE, line1: 'rue '.repeat(30) }, LUMEN, 'fr');
    expect(Math.max(...long.map((line) => line.length))).toBeLessThanOrEqual(38);
  });
});

describe('the sheet', () => {
  test('A4, fonts embedded, the recipient whole within the window of a DL envelope and nobody else there', async () => {
    const wide = { ...ELEONORE, line1: 'W'.repeat(38), name: 'M'.repeat(38) };
    for (const to of [ELEONORE, wide]) {
      const { pdf, pages } = await renderLetter(letter({ to }), new Date('2026-03-31T22:30:00Z'));
      expect(pages).toBe(1);
      expect(pdf.toString('latin1')).toMatch(/MediaBox \[0 0 595.28 841.89\]/);
      expect(pdf.toString('latin1').match(/\/FontFile2 /g)).toHaveLength(2);
      const inWindow = pdfLines(pdf).filter(({ x, y }) => mm(x) >= 105 && mm(y) > 50 && mm(y) < 92);
      expect(inWindow.map(({ text }) => text)).toEqual(addressBlock(to, LUMEN, 'fr'));
      for (const line of inWindow) {
        expect(mm(line.x)).toBeGreaterThanOrEqual(110);
        expect(mm(line.y)).toBeGreaterThan(55);
        expect(mm(line.y)).toBeLessThan(88);
        // W, the widest capital of this face, has 0.84 em: the line ends within 85 mm.
        if (to === wide) expect(mm(line.x) + mm(38 * 0.84 * line.fontSize)).toBeLessThan(195);
      }
    }
  });

  test('says what it is, when and to whom, accents and all; the day is France’s', async () => {
    const { pdf } = await renderLetter(letter(), new Date('2026-03-31T22:30:00Z'));
    const text = pdfLines(pdf).map((line) => line.text);
    expect(text).toContain('Lyon, le 1er avril 2026');
    expect(text).toContain('Lettre recommandée avec avis de réception');
    expect(text.join('\n')).toContain('Objet\u00a0: facture n° 2026-0412\u00a0: 1\u00a0249,90\u00a0€');
    expect(text).toContain('Où en est l’été\u00a0? Cœur, naïveté, çà et là.');
    expect(text).toContain('1/1');
    expect(text.join('')).not.toContain('\ufffd');
  });

  test('as long as it has to be, each page numbered', async () => {
    const { pdf, pages } = await renderLetter(
      letter({ paragraphs: Array(60).fill('Une phrase. '.repeat(20)) }),
      new Date(),
    );
    const lines = pdfLines(pdf);
    expect(pages).toBeGreaterThan(3);
    expect(lines.filter(({ text }) => /^\d+\/\d+$/.test(text)).map(({ text }) => text)).toEqual(
      Array.from({ length: pages }, (_, n) => `${n + 1}/${pages}`),
    );
    expect(lines.filter(({ text }) => text.startsWith('Une phrase')).length).toBeGreaterThanOrEqual(60);
  });
});

describe('a folder for the print shop', () => {
  const open = (more: { maxLines?: number; maxAgeMs?: number } = {}) =>
    createFolderSender({ folder, connections: 4, ...more });
  const files = async (): Promise<string[]> => (await readdir(join(folder, 'cletters'))).sort();
  const lines = async () => {
    const manifests = (await files()).filter((name) => name.endsWith('.jsonl'));
    const texts = await Promise.all(
      manifests.map((name) => readFile(join(folder, 'cletters', name), 'utf8')),
    );
    return texts
      .flatMap((text) => text.trim().split('\n'))
      .map((line): Record<string, unknown> => JSON.parse(line));
  };

  test('a file and a line for each delivery, in a manifest that is the shop’s once it is closed', async () => {
    const sender = open();
    const outcomes = await Promise.all([41, 42, 43].map((deliveryId) => sender.send(letter({ deliveryId }))));
    expect(outcomes[0]).toEqual({ kind: 'accepted', providerId: 'd41.pdf', units: 10 });
    expect((await files()).filter((name) => name.endsWith('.open.jsonl'))).toHaveLength(1);
    await sender.close();
    const there = await files();
    expect(there).toEqual([
      'd41.pdf',
      'd42.pdf',
      'd43.pdf',
      expect.stringMatching(/^manifest-[\w-]+\.jsonl$/),
    ]);
    for (const line of await lines()) {
      const pdf = await readFile(join(folder, 'cletters', String(line['file'])));
      expect(line).toMatchObject({ kind: 'registered', sha256: sha256(pdf), pages: 1, grams: 10 });
      expect(line['recipientSha256']).toBe(
        sha256(
          addressBlock(ELEONORE, LUMEN, 'fr')
            .map((l) => `${l}\n`)
            .join(''),
        ),
      );
    }
    expect((await lines()).map((line) => line['deliveryId']).sort()).toEqual([41, 42, 43]);
    expect(JSON.stringify(await lines())).not.toMatch(/leonore|PARIS/i);
  });

  test('handed over again, even by another process and on another day, it is the same file and one line', async () => {
    const first = createFolderSender({ folder, connections: 1, now: () => new Date('2026-01-01') });
    await first.send(letter());
    const before = await readFile(join(folder, 'cletters', 'd41.pdf'));
    await first.send(letter());
    await first.close();
    const second = createFolderSender({ folder, connections: 1, now: () => new Date('2026-02-02') });
    expect(await second.send(letter())).toEqual({ kind: 'accepted', providerId: 'd41.pdf', units: 10 });
    await second.close();
    expect(await readFile(join(folder, 'cletters', 'd41.pdf'))).toEqual(before);
    expect(await lines()).toHaveLength(1);
  });

  test('a process that died between its file and its line: the next hand-over lists it', async () => {
    const sender = open();
    await sender.send(letter());
    await sender.close();
    const manifest = (await files()).find((name) => name.endsWith('.jsonl')) ?? '';
    await rm(join(folder, 'cletters', manifest));
    await open().send(letter());
    expect(await lines()).toMatchObject([{ deliveryId: 41 }]);
  });

  test('batches close when they are full, or old; what a dead process left open is closed by the next', async () => {
    const sender = open({ maxLines: 2, maxAgeMs: 1_000 });
    for (const deliveryId of [1, 2, 3]) await sender.send(letter({ deliveryId }));
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect((await files()).filter((name) => name.includes('open'))).toEqual([]);
    expect((await files()).filter((name) => name.endsWith('.jsonl'))).toHaveLength(2);

    const left = join(folder, 'cletters', 'manifest-2026-01-01-dead.open.jsonl');
    await writeFile(left, '{"deliveryId":9,"kind":"plain"}\n{"deliver');
    await utimes(left, new Date(0), new Date(0));
    await open().send(letter({ deliveryId: 5 }));
    expect(await files()).toContain('manifest-2026-01-01-dead.jsonl');
    await sender.close();
  });

  test('what cannot be written is tried later; who has no address is no letter', async () => {
    await writeFile(join(folder, 'cletters'), 'in the way');
    expect(await open().send(letter())).toEqual({ kind: 'retry', code: 'relay-unreachable' });
    expect(await open().send(letter({ to: null }))).toEqual({ kind: 'failed', code: 'no-address' });
  });
});

describe('electronic letters', () => {
  let provider: LetterProvider;
  beforeEach(async () => {
    provider = await startLetterProvider({ port: 0, notAgreed: ['non@example.test'] });
  });
  afterEach(() => provider.close());
  const eLetter = (change: Partial<OutgoingLetter> = {}): OutgoingLetter =>
    letter({ kind: 'lre', to: null, email: 'eleonore@example.test', ...change });
  const open = (now = new Date('2026-01-01')) =>
    createHttpsELetterSender({ ...provider, folder, connections: 2, answerTimeoutMs: 300, now: () => now });

  test('are deposited once, the very bytes that are kept, whatever happens to the answer', async () => {
    const sender = open();
    provider.troubles.next({ kind: 'lose-answer' }, { kind: 'never-answer' });
    expect(await sender.send(eLetter())).toEqual({ kind: 'retry', code: 'connection-lost' });
    expect(await sender.send(eLetter())).toEqual({ kind: 'retry', code: 'no-answer' });
    await sender.close();
    const tomorrow = open(new Date('2026-01-02'));
    expect(await tomorrow.send(eLetter())).toEqual({ kind: 'accepted', providerId: 'dep-1' });
    await tomorrow.close();
    expect(provider.letters).toHaveLength(1);
    expect(provider.letters[0]?.pdf).toEqual(await readFile(join(folder, 'cletters', 'd41.pdf')));
    expect(pdfLines(provider.letters[0]?.pdf ?? Buffer.alloc(0)).map(({ text }) => text)).toContain(
      'Lettre recommandée électronique',
    );
  });

  test('refusals keep their code, and say whether to come back', async () => {
    const sender = open();
    expect(await sender.send(eLetter({ email: 'non@example.test' }))).toEqual({
      kind: 'failed',
      code: 'not-agreed',
    });
    expect(await sender.send(eLetter({ email: null }))).toEqual({ kind: 'failed', code: 'no-address' });
    provider.troubles.next({ kind: 'refuse', status: 503, headers: { 'retry-after': '120' } });
    expect(await sender.send(eLetter())).toEqual({ kind: 'retry', code: 'http-503', retryAfterSeconds: 120 });
    await sender.close();
    const stranger = createHttpsELetterSender({ ...provider, token: 'not-it', folder, connections: 1 });
    expect(await stranger.send(eLetter())).toEqual({ kind: 'retry', code: 'relay-refused' });
    await stranger.close();
  });
});
