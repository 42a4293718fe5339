/** RFC 5321 §4.5.3.1.5 allows 512 bytes a line; a reply that never ends may not fill the memory. */
const LONGEST = 64 << 10;
const REPLY_LINE = /^[2-5]\d\d(?:[ -]|$)/;

/**
 * Cuts what a relay says into replies (RFC 5321 §4.2), the lines of one joined by `\n`; several may come in one
 * chunk, and one in several. `onGarbage` is for what is no reply at all, after which nothing further is read.
 */
export function createReplyReader(
  onReply: (reply: string) => void,
  onGarbage: () => void,
): (chunk: Buffer) => void {
  let rest = '';
  let begun = '';
  let lost = false;
  return (chunk) => {
    rest += chunk.toString('latin1');
    for (let end = rest.indexOf('\n'); end >= 0 && !lost; end = rest.indexOf('\n')) {
      const line = rest.slice(0, rest[end - 1] === '\r' ? end - 1 : end);
      rest = rest.slice(end + 1);
      if (!REPLY_LINE.test(line)) lost = true;
      else if (line[3] === '-') begun += `${line}\n`;
      else {
        const reply = begun + line;
        begun = '';
        onReply(reply);
      }
    }
    if (rest.length + begun.length > LONGEST) lost = true;
    if (lost) onGarbage();
  };
}
