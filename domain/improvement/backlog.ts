import type { CampaignFacts } from './facts';
import { priorityOf } from './priority';
import type { ReportBacklogItem } from './report-data';
import { biggerTest } from './rules/bigger-test';
import { closeArms } from './rules/close-arms';
import { deliverability } from './rules/deliverability';
import { endedEarly } from './rules/ended-early';
import { exclusions } from './rules/exclusions';
import { followUpByPersona } from './rules/follow-up-by-persona';
import { guardrailNear } from './rules/guardrail-near';
import { newHypothesis } from './rules/new-hypothesis';
import type { Rule } from './rules/rule';
import { scaleWinner } from './rules/scale-winner';
import { skippedByGate } from './rules/skipped-by-gate';
import { templateFix } from './rules/template-fix';
import { untested } from './rules/untested';

/** Ids of items carry the rule's name: once released it stays. */
const RULES = {
  'scale-winner': scaleWinner,
  'persona-follow-up': followUpByPersona,
  'close-arms': closeArms,
  'bigger-test': biggerTest,
  'new-hypothesis': newHypothesis,
  untested,
  'ended-early': endedEarly,
  exclusions,
  gate: skippedByGate,
  template: templateFix,
  guardrail: guardrailNear,
  deliverability,
} as const satisfies Record<string, Rule>;

/**
 * What one campaign proposes for the next ones, the highest priority first. Never empty once it has ended: every end
 * has a rule of its own. The same facts give the same ids.
 */
export function backlogItems(facts: CampaignFacts): ReportBacklogItem[] {
  return Object.entries(RULES)
    .flatMap(([rule, propose]) =>
      propose(facts).map(({ key, ...idea }) => ({
        ...idea,
        id: `${facts.report.campaignId}.${rule}.${key}`,
        priority: priorityOf(idea),
      })),
    )
    .sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
}
