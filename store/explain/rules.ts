import { natureRule } from '../../domain/delivery/nature-rules';
import type { ExplanationFacts } from '../../domain/delivery/explanation-facts';
import { exclusionSalt } from '../../domain/experiments/exclusion';
import { explainRule } from '../../domain/segments/explain-rule';
import { touchesOf } from '../../domain/segments/touches';
import { assignmentHash } from '../assignment';
import type { LoadedDefinition } from '../audience-definition';
import { holdoutsOf } from '../audience-sql';
import type { Tx } from '../db';
import { holdoutsAt } from '../holdout-sql';
import { loadSubjects } from '../memberships/subjects';

type Facts = Pick<ExplanationFacts, 'rules' | 'holdouts' | 'draw'>;

/**
 * What the rules an audience was made of say of one person as they are now, clause by clause, and what the hashes draw for
 * them. Somebody who was merged away has no rules.
 */
export async function rulesFacts(
  tx: Tx,
  { definition, madeOf }: LoadedDefinition,
  profileId: number,
): Promise<Facts> {
  const { scenario, seed, asOf } = definition;
  const named = [
    { ...madeOf.segment, kind: 'segment' as const, rule: definition.rule },
    ...madeOf.personas.map((persona, i) => ({
      ...persona,
      kind: 'persona' as const,
      rule: definition.personas[i]?.rule ?? definition.rule,
    })),
  ];
  const touches = touchesOf(named.map(({ rule }) => rule));
  const subject = (await loadSubjects(tx, [profileId], touches, asOf)).get(profileId);
  const held = natureRule(scenario.nature).holdout
    ? [...holdoutsOf(definition), ...(await holdoutsAt(tx, asOf))]
    : [];
  const once = [...new Map(held.map((holdout) => [holdout.salt, holdout])).values()];
  const exclusion = scenario.experiment?.exclusion;
  return {
    rules:
      subject === undefined
        ? []
        : named.map(({ kind, key, version, rule }) => {
            const why = explainRule(rule, subject, asOf.getTime());
            return { kind, key, version, holds: why.holds, why };
          }),
    holdouts: once.map(({ key, salt, share, market }) => {
      const drew = assignmentHash(salt, profileId);
      const theirs = market === null || subject?.market === market;
      return { key, salt, share, drew, held: theirs && drew < share };
    }),
    draw: {
      part: assignmentHash(`${seed}.part`, profileId),
      arm: assignmentHash(`${seed}.arm`, profileId),
      bucket: assignmentHash(`${seed}.bucket`, profileId),
      stratifyBy: scenario.experiment?.stratifyBy ?? [],
      ...(exclusion === undefined
        ? {}
        : { exclusion: { ...exclusion, drew: assignmentHash(exclusionSalt(exclusion.group), profileId) } }),
    },
  };
}
