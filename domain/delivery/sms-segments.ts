/** 3GPP TS 23.038 §6.2.1, the GSM 7-bit default alphabet: one septet each. ESC, which only announces the next, is not in it. */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** §6.2.1.1, the extension table: two septets each, which stay together. */
const EXTENDED = new Set('\f^{}\\[~]|€');

/** 140 octets; a part of a longer message gives 6 of them to the header that joins it to the others (TS 23.040 §9.2.3.24.1). */
const LIMITS = { gsm7: { alone: 160, part: 153 }, ucs2: { alone: 70, part: 67 } } as const;

export interface SmsSegments {
  readonly encoding: 'gsm7' | 'ucs2';
  /** Septets, or 16-bit units: what counts against the limits. */
  readonly length: number;
  /** What providers bill. */
  readonly segments: number;
}

/**
 * How a text travels. One character outside the GSM alphabet (ê, ç, œ, a typographic apostrophe, an emoji) turns the
 * whole message into UCS-2, whose parts are less than half as long. A character is never cut in two by the end of a part.
 */
export function smsSegments(text: string): SmsSegments {
  const characters = [...text];
  const gsm7 = characters.every((c) => BASIC.has(c) || EXTENDED.has(c));
  const { alone, part } = gsm7 ? LIMITS.gsm7 : LIMITS.ucs2;
  const widths = characters.map((c) => (gsm7 ? (EXTENDED.has(c) ? 2 : 1) : c.length));
  const length = widths.reduce((sum, width) => sum + width, 0);
  return {
    encoding: gsm7 ? 'gsm7' : 'ucs2',
    length,
    segments: length <= alone ? 1 : partsOf(widths, part),
  };
}

function partsOf(widths: readonly number[], limit: number): number {
  let parts = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > limit) {
      parts += 1;
      used = 0;
    }
    used += width;
  }
  return parts;
}
