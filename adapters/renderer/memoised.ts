/**
 * Remembers what a costly function of one text answered: names and cities come back all the time. Forgets everything
 * once `most` are kept, so that texts that never come back cost no memory.
 */
export function memoised<V>(compute: (text: string) => V, most = 20_000): (text: string) => V {
  const known = new Map<string, { readonly value: V }>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found.value;
    const value = compute(text);
    if (known.size >= most) known.clear();
    known.set(text, { value });
    return value;
  };
}
