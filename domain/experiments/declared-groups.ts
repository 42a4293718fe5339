import type { CompareTerms } from './compare';
import { armsOf, exploratory, judged, unjudged, type Cell, type Effect } from './effects';
import type { ExperimentInput } from './evaluation';
import { heterogeneityP } from './heterogeneity';
import { holm } from './holm';

/** Outcomes of the primary metric among those who were in a segment when the gate judged them, and those who were not. */
export interface SegmentCell extends Cell {
  readonly segment: string;
  readonly inside: boolean;
}

/** What was counted for the groups a scenario declared. */
export interface GroupCounts {
  readonly segments: readonly string[];
  readonly segmentCells: readonly SegmentCell[];
  readonly personas: readonly string[];
}

export interface GroupEffects {
  /** `outside`: everybody who is not in the segment, to hold its members against. */
  readonly kind: 'segment' | 'outside' | 'persona';
  readonly group: string;
  /** Of each arm anybody of the group is in. */
  readonly effects: readonly Effect[];
  /**
   * Whether an arm's effect is another one outside the group (Cochran's Q), adjusted by Holm over all declared groups and
   * arms; of each arm that has people on both sides. None before the end: this test does not hold at every look.
   */
  readonly differs: readonly { readonly arm: string; readonly pAdjusted: number }[];
}

/**
 * Effects on the primary metric in the groups that were declared, adjusted over all of them and all arms by Holm: a single
 * false one would have a group written to by it. Everybody outside a segment is told beside it, and not tested.
 */
export function declaredGroupEffects(
  { segments, segmentCells, personas }: GroupCounts,
  test: Pick<ExperimentInput, 'arms' | 'direction'>,
  personaCells: readonly (Cell & { readonly persona: string })[],
  reference: string,
  terms: CompareTerms,
): GroupEffects[] {
  const declared = [
    ...segments.map((group) => {
      const cells = segmentCells.filter(({ segment }) => segment === group);
      return { kind: 'segment' as const, group, ...split(cells, ({ inside }) => inside) };
    }),
    ...personas.map((group) => ({
      kind: 'persona' as const,
      group,
      ...split(personaCells, ({ persona }) => persona === group),
    })),
  ];
  const effectsIn = (cells: readonly Cell[]) => unjudged(armsOf(test, cells), reference, terms);
  const family = declared.map(({ within }) => ({ direction: test.direction, effects: effectsIn(within) }));
  const effects = judged(family, holm, terms);
  const differing = declared.map(({ within, without }) =>
    terms.look === 'early' ? [] : differences([within, without], test, reference),
  );
  const adjusted = holm(differing.flat().map(({ p }) => p)).values();
  return declared.flatMap(({ kind, group, without }, i): GroupEffects[] => {
    const differs = (differing[i] ?? []).map(({ arm }) => ({ arm, pAdjusted: adjusted.next().value ?? 1 }));
    const own = { kind, group, effects: effects[i] ?? [], differs };
    if (kind === 'persona') return [own];
    return [own, { kind: 'outside', group, effects: effectsIn(without).map(exploratory), differs: [] }];
  });
}

const split = <T extends Cell>(cells: readonly T[], within: (cell: T) => boolean) => ({
  within: cells.filter(within),
  without: cells.filter((cell) => !within(cell)),
});

function differences(
  sides: readonly (readonly Cell[])[],
  test: Pick<ExperimentInput, 'arms'>,
  reference: string,
): { readonly arm: string; readonly p: number }[] {
  const none = { n: 0, events: 0 };
  const strata = sides.map((cells) => new Map(armsOf(test, cells).map((arm) => [arm.key, arm])));
  return test.arms.flatMap(({ key: arm }) => {
    if (arm === reference) return [];
    const p = heterogeneityP(
      strata.map((arms) => ({ arm: arms.get(arm) ?? none, reference: arms.get(reference) ?? none })),
    );
    return p === null ? [] : [{ arm, p }];
  });
}
