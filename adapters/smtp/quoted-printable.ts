const HEX = Buffer.from('0123456789ABCDEF', 'latin1');
const [CR, LF, TAB, SPACE, DOT, EQUALS] = [13, 10, 9, 32, 46, 61];
/** RFC 2045 §6.7: no line longer than 76 characters, the soft break's `=` included. */
const LINE = 75;

/**
 * A text as quoted-printable, lines ended by CRLF whatever they were ended by before. No line starts with a dot, so
 * SMTP has none to double. Byte by byte into one buffer: a string built piece by piece costs five times as much.
 */
export function quotedPrintable(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  // At worst each byte takes three, and each line of 75 three more.
  const out = Buffer.allocUnsafe(bytes.length * 3 + Math.ceil((bytes.length * 3) / LINE) * 3 + 8);
  let at = 0;
  let line = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    const next = bytes[i + 1];
    if (byte === LF || (byte === CR && next === LF)) {
      if (byte === CR) i += 1;
      out[at++] = CR;
      out[at++] = LF;
      line = 0;
      continue;
    }
    // White space may not end a line: relays strip it.
    const blankAtEnd = (byte === SPACE || byte === TAB) && (next === undefined || next === LF || next === CR);
    const printable =
      (byte > SPACE && byte < 127 && byte !== EQUALS) || ((byte === SPACE || byte === TAB) && !blankAtEnd);
    const full = line + (printable ? 1 : 3) > LINE;
    const plain = printable && !(byte === DOT && (full || line === 0));
    if (full || line + (plain ? 1 : 3) > LINE) {
      out[at++] = EQUALS;
      out[at++] = CR;
      out[at++] = LF;
      line = 0;
    }
    if (plain) {
      out[at++] = byte;
      line += 1;
    } else {
      out[at++] = EQUALS;
      out[at++] = HEX[byte >> 4] ?? 0;
      out[at++] = HEX[byte & 15] ?? 0;
      line += 3;
    }
  }
  return out.subarray(0, at);
}
