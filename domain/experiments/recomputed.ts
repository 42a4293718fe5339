/** Places, as JSON pointers, at which two values differ as they are stored; at most `most`. */
export function differences(stored: unknown, computed: unknown, most = 50): string[] {
  const found: string[] = [];
  const walk = (left: unknown, right: unknown, path: string): void => {
    if (found.length >= most || Object.is(left, right)) return;
    if (!isNested(left) || !isNested(right)) {
      found.push(path);
      return;
    }
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
      walk(left[key], right[key], `${path}/${key}`);
  };
  walk(asStored(stored), asStored(computed), '');
  return found;
}

const asStored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const isNested = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
