import fc from 'fast-check';
import { smsAnswer } from '../../../domain/delivery/sms-answer';
import { smsSegments } from '../../../domain/delivery/sms-segments';
import { smsWord } from '../../../domain/delivery/sms-word';

describe('segments', () => {
  /** The limits 3GPP TS 23.038 and 23.040 give, as every provider publishes them. */
  test.each([
    ['a'.repeat(160), 'gsm7', 1],
    ['a'.repeat(161), 'gsm7', 2],
    ['a'.repeat(306), 'gsm7', 2],
    ['a'.repeat(307), 'gsm7', 3],
    ['a'.repeat(459), 'gsm7', 3],
    ['a'.repeat(460), 'gsm7', 4],
    ['ê'.repeat(70), 'ucs2', 1],
    ['ê'.repeat(71), 'ucs2', 2],
    ['ê'.repeat(134), 'ucs2', 2],
    ['ê'.repeat(135), 'ucs2', 3],
    ['', 'gsm7', 1],
  ])('%#: a text of its length', (text, encoding, segments) => {
    expect(smsSegments(text)).toMatchObject({ encoding, segments });
  });

  test('signs of the extension table take two septets and are not cut in two', () => {
    expect(smsSegments('€'.repeat(80))).toEqual({ encoding: 'gsm7', length: 160, segments: 1 });
    expect(smsSegments('€'.repeat(81))).toEqual({ encoding: 'gsm7', length: 162, segments: 2 });
    // 76 of them fill 152 of a part's 153 septets: 306 septets are three parts, not two.
    expect(smsSegments('€'.repeat(153))).toEqual({ encoding: 'gsm7', length: 306, segments: 3 });
  });

  test('a character outside the basic plane is two units, and not cut in two either', () => {
    expect(smsSegments('😀'.repeat(35))).toEqual({ encoding: 'ucs2', length: 70, segments: 1 });
    expect(smsSegments('😀'.repeat(67))).toEqual({ encoding: 'ucs2', length: 134, segments: 3 });
  });

  test('which French letters cost a message its short encoding', () => {
    const cheap = 'àéèùÇÉÄÖÜäöüñ€£ 1234567890 @#%&*()[]{}~^|\\';
    expect(smsSegments(cheap).encoding).toBe('gsm7');
    for (const sign of 'çêîôûëïâœŒÀÈ’«»…–') expect(smsSegments(sign).encoding).toBe('ucs2');
  });

  test('never fewer than the bits need, and never more for less text', () => {
    const gsm = fc.string({ unit: fc.constantFrom(...'abc é€{}à\n'), maxLength: 700 });
    fc.assert(
      fc.property(gsm, (text) => {
        const { length, segments, encoding } = smsSegments(text);
        expect(encoding).toBe('gsm7');
        expect(segments === 1).toBe(length <= 160);
        expect(segments).toBeGreaterThanOrEqual(Math.ceil(length / 160));
        // A part wastes one septet at most.
        expect(segments).toBeLessThanOrEqual(Math.max(1, Math.ceil(length / 152)));
        expect(smsSegments(text.slice(0, -1)).segments).toBeLessThanOrEqual(segments);
      }),
    );
  });
});

describe('words', () => {
  test.each([
    'STOP',
    'stop',
    ' Stop ',
    'STOP.',
    'stop!',
    'STOP 36111',
    'stop36111',
    'STOP au 36111',
    'Stop svp',
    'stop les pubs',
    'ARRET',
    'Arrêt',
    'arrêtez',
    'UNSUBSCRIBE',
    'Désabonner',
    '"STOP"',
    'stopall',
    'END',
    'cancel',
  ])('%s is an objection', (text) => expect(smsWord(text)).toBe('stop'));

  test.each([
    'non-stop',
    'cancel my order',
    'merci',
    '',
    '🙂',
    '36111',
    'ne stoppez pas',
    'stopover in Paris',
  ])('%s is none', (text) => expect(smsWord(text)).toBe('other'));

  test('who asks is told who writes, once, and how to stop it; a STOP is obeyed in silence', () => {
    const lumen = { name: 'Maison Lumen', address: 'Maison Lumen, 18 rue des Ateliers, 69000 Lyon, France' };
    expect(smsWord('Contact')).toBe('contact');
    expect(smsWord('aide svp')).toBe('help');
    expect(smsAnswer('contact', lumen, 'fr')).toBe(
      'Maison Lumen, 18 rue des Ateliers, 69000 Lyon, France. Répondez STOP pour ne plus recevoir nos SMS.',
    );
    expect(smsAnswer('help', lumen, 'en')).toBe('Maison Lumen. Reply STOP to receive no more texts from us.');
    expect(smsSegments(smsAnswer('contact', lumen, 'fr') ?? '').segments).toBe(1);
    expect([
      smsAnswer('stop', lumen, 'fr'),
      smsAnswer('other', lumen, 'fr'),
      smsAnswer('help', null, 'fr'),
    ]).toEqual([null, null, null]);
  });
});
