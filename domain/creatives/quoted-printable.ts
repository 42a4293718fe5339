/**
 * Bytes of a text as quoted-printable (RFC 2045 §6.7), the form mail providers measure before they cut a message.
 * Lines are soft-broken at 76 characters; a byte outside printable ASCII takes three.
 */
export function quotedPrintableBytes(text: string): number {
  let total = 0;
  let line = 0;
  for (const char of text) {
    if (char === '\n') {
      total += 2;
      line = 0;
      continue;
    }
    if (char === '\r') continue;
    const code = char.codePointAt(0) ?? 0;
    const size = code < 0x80 ? (plainByte(code) ? 1 : 3) : 3 * utf8Bytes(code);
    if (line + size > 75) {
      total += 3;
      line = 0;
    }
    total += size;
    line += size;
  }
  return total;
}

const plainByte = (code: number): boolean => code === 9 || (code >= 32 && code <= 126 && code !== 61);
const utf8Bytes = (code: number): number => (code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);
