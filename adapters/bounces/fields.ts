export type Fields = ReadonlyMap<string, string>;

/**
 * Groups of `Name: value` lines between blank ones, as RFC 3464 §2.1 and RFC 5965 §3.1 write them: names in lower case,
 * folded lines joined, comments left in. Of a name that stands twice in a group the first value is kept.
 */
export function fieldGroups(text: string): Fields[] {
  return text
    .replace(/\r\n?/g, '\n')
    .split(/\n[ \t]*\n/)
    .map(fieldsOf)
    .filter((group) => group.size > 0);
}

/** The header of a message that came back, up to its first blank line. */
export const headerOf = (text: string): Fields => fieldGroups(text)[0] ?? new Map();

function fieldsOf(block: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const match = /^([!-9;-~]{1,80}):[ \t]*(.*)$/.exec(line);
    const name = match?.[1]?.toLowerCase();
    if (name !== undefined && !fields.has(name)) fields.set(name, match?.[2]?.trim() ?? '');
  }
  return fields;
}

/** `rfc822; <somebody@example.com>`: the address alone; null for another kind of name. */
export function typedAddress(value: string | undefined): string | null {
  const match = /^(?:rfc822|utf-8)\s*;\s*<?([^\s<>;]+@[^\s<>;]+)>?/i.exec(value ?? '');
  return match?.[1] ?? null;
}
