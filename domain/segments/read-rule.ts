import type { z } from 'zod';
import type { Fault } from '../shared/errors';
import { REGIONS } from './regions';
import { clausesIn, LEAVES, type Leaf, type LeafKind, type Rule } from './rule';

const MOST_CLAUSES = 300;
const DEEPEST = 12;
/** Nobody reads more. */
const MOST_FAULTS = 50;

/** The rule as the language has it, or every fault with its place (a JSON pointer from the rule's own root). */
export function readRule(
  given: unknown,
): { readonly ok: true; readonly rule: Rule } | { readonly ok: false; readonly faults: Fault[] } {
  const faults: Fault[] = [];
  let clauses = 0;

  const several = (items: unknown, path: string, depth: number): Rule[] => {
    if (Array.isArray(items) && items.length >= 1 && items.length <= 50)
      return items.flatMap((one, i) => read(one, `${path}/${i}`, depth + 1) ?? []);
    refuse(path, 'is a list of 1 to 50 rules');
    return [];
  };

  const read = (one: unknown, path: string, depth: number): Rule | null => {
    if (faults.length >= MOST_FAULTS) return null;
    if (!isRecord(one)) return refuse(path, `is a rule: an object with one of ${WORDS}`);
    if (depth > DEEPEST) return refuse(path, `is nested deeper than ${DEEPEST} levels`);
    const keys = Object.keys(one);
    for (const word of ['all', 'any', 'not'] as const) {
      if (!keys.includes(word)) continue;
      if (keys.length > 1) return refuse(path, `stands alone: "${word}" with nothing beside it`);
      if (word === 'not') {
        const inner = read(one['not'], `${path}/not`, depth + 1);
        return inner === null ? null : { not: inner };
      }
      const items = several(one[word], `${path}/${word}`, depth);
      return word === 'all' ? { all: items } : { any: items };
    }
    const kind = kindOf(one);
    return kind === null
      ? refuse(path, `is none of the known clauses: ${WORDS}`)
      : leaf(LEAVES[kind], one, path);
  };

  const leaf = (schema: z.ZodType<Leaf>, one: unknown, path: string): Rule | null => {
    const parsed = schema.safeParse(one);
    if (!parsed.success) {
      for (const issue of parsed.error.issues)
        faults.push({ path: [path, ...issue.path.map(String)].join('/'), message: issue.message });
      return null;
    }
    const rule = parsed.data;
    const before = clauses;
    clauses += clausesIn(rule);
    if (clauses > MOST_CLAUSES) {
      if (before <= MOST_CLAUSES)
        refuse(path, `is one clause too many: with the properties they ask for, ${MOST_CLAUSES} are enough`);
      return null;
    }
    if ('regions' in rule)
      rule.regions.forEach((code, i) => {
        if (!(code in REGIONS))
          faults.push({ path: `${path}/regions/${i}`, message: 'no region has this code' });
      });
    return rule;
  };

  const refuse = (path: string, message: string): null => {
    faults.push({ path, message });
    return null;
  };

  const rule = read(given, '', 1);
  return rule === null || faults.length > 0 ? { ok: false, faults } : { ok: true, rule };
}

const WORDS =
  'all, any, not, attribute, date, age, anniversary, event, consent, interest, regions, reachable, segment, everyone';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** By the words it uses: what somebody meant, so that its faults are of that kind. */
function kindOf(one: Readonly<Record<string, unknown>>): LeafKind | null {
  const has = (word: string): boolean => word in one;
  if (has('attribute')) {
    if (has('in')) return 'membership';
    if (has('exists')) return 'existence';
    if (has('meanOf') || has('times')) return 'againstMean';
    return one['op'] === 'starts-with' || one['op'] === 'contains' ? 'textual' : 'comparison';
  }
  if (has('event')) return has('usualDays') || has('times') ? 'eventUsual' : 'eventCount';
  if (has('date')) return 'dated';
  if (has('age')) return 'aged';
  for (const word of [
    'anniversary',
    'consent',
    'interest',
    'regions',
    'reachable',
    'segment',
    'everyone',
  ] as const)
    if (has(word)) return word;
  return null;
}
