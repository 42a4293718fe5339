import type { Rule } from '../domain/segments/rule';

export const EVENT_TYPES = ['visit', 'visit', 'category-view', 'purchase', 'cart'] as const;

/** So many different rules, of every kind that an event can turn; windows in whole days. */
export function benchRules(n: number): Rule[] {
  const days = [1, 3, 7, 14, 30, 60, 90];
  return Array.from({ length: n }, (_, i): Rule => {
    const withinDays = days[i % days.length] ?? 7;
    const type = EVENT_TYPES[i % EVENT_TYPES.length] ?? 'visit';
    const often: Rule = { event: type, withinDays, measure: 'count', op: 'gte', value: 2 + (i % 7) };
    switch (i % 5) {
      case 0:
        return often;
      case 1:
        return { all: [often, { attribute: 'age', op: 'gte', value: 20 + (i % 50) }] };
      case 2:
        return {
          event: 'purchase',
          withinDays,
          measure: 'sum-cents',
          op: 'gt',
          value: 5_000 * (1 + (i % 30)),
        };
      case 3:
        return {
          all: [
            {
              event: 'category-view',
              where: [{ property: 'category', op: 'eq', value: `c${i % 20}` }],
              withinDays,
              measure: 'count',
              op: 'gte',
              value: 1,
            },
            { not: { event: 'purchase', withinDays, measure: 'count', op: 'gte', value: 1 } },
          ],
        };
      default:
        return { event: type, withinDays, usualDays: 30, measure: 'count', op: 'gt', times: 2 + (i % 3) };
    }
  });
}
