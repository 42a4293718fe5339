/** At most `max` UTF-16 units, as Slack counts; what is cut off shows as an ellipsis, never half a character. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max - 1);
  const whole = /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
  return `${whole}…`;
}

/** Text of others inside mrkdwn: Slack's three control characters escaped, so that nobody can be mentioned by it. */
export const escapeMrkdwn = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Escapes, then clips without cutting an entity in half. */
export const clipMrkdwn = (text: string, max: number): string =>
  clip(escapeMrkdwn(text), max).replace(/&[a-z]{0,3}…$/, '…');

/** A moment in each reader's own time zone; the ISO time where a client cannot. */
export function slackDate(iso: string): string {
  const seconds = Math.floor(Date.parse(iso) / 1_000);
  return `<!date^${seconds}^{date_short_pretty} {time}|${iso}>`;
}

export const thousands = (n: number): string => n.toLocaleString('en-GB');
