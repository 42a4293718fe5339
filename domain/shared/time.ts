/** The same day and time so many calendar months earlier, UTC; the 31st becomes the month's last day. */
export function monthsBefore(isoInstant: string, months: number): string {
  const from = new Date(isoInstant);
  const first = new Date(from);
  first.setUTCDate(1);
  first.setUTCMonth(first.getUTCMonth() - months);
  const lastDay = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(from.getUTCDate(), lastDay));
  return first.toISOString();
}
