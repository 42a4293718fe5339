import type { Evaluation } from './evaluation';

/** The test that another one repeats. */
export interface OriginalTest {
  readonly key: string;
  readonly name: string;
  readonly evaluation: Pick<Evaluation, 'decision' | 'comparisons' | 'metric'>;
}

/**
 * Whether a repeated test came to what the original did. It bears it out by the same decision and, where something is shipped,
 * by an effect of the same sign. One that was not decided, or that measured something else, says nothing of it.
 */
export function replicationOf(
  original: OriginalTest,
  repeated: Pick<Evaluation, 'decision' | 'comparisons' | 'metric'>,
): 'borne-out' | 'not-borne-out' | 'undecided' {
  const decided = [original.evaluation, repeated].map(({ decision }) => decision.action);
  if (original.evaluation.metric !== repeated.metric || decided.some((action) => !DECIDED.has(action)))
    return 'undecided';
  const [first, second] = [original.evaluation, repeated].map(leading);
  return decided[0] === decided[1] && first === second ? 'borne-out' : 'not-borne-out';
}

const DECIDED: ReadonlySet<string> = new Set(['ship', 'no-winner']);

/** Sign of what was shipped; 0: nothing was. */
const leading = ({ decision, comparisons }: OriginalTest['evaluation']): number =>
  Math.sign(comparisons.find(({ arm }) => arm === decision.arm)?.difference ?? 0);

/** What the original came to, and whether this test, once it has been read, bears it out. */
export function replicationWords(original: OriginalTest, repeated: Evaluation | null): string {
  const { action } = original.evaluation.decision;
  const before = `It repeats ${original.name} (${original.key}), which ended with ${action}.`;
  if (repeated === null) return before;
  return `${before} ${STANDING[replicationOf(original, repeated)]}`;
}

const STANDING = {
  'borne-out': 'This test bears it out.',
  'not-borne-out': 'This test does not bear it out.',
  undecided: 'This test says nothing of it.',
} as const;
