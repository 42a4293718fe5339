const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** `7 days`, `1 hour`, `90 seconds`: the largest unit that says it exactly. */
export function durationWords(seconds: number): string {
  const unit = UNITS.find(([, size]) => seconds >= size && seconds % size === 0);
  const [name, count] = unit ? [unit[0], seconds / unit[1]] : ['second', seconds];
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
