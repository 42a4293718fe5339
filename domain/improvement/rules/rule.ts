import type { CampaignFacts } from '../facts';
import type { Factors } from '../priority';

/** An idea for what comes next. `key` is unique among one rule's ideas of one campaign. */
export interface Idea extends Factors {
  readonly key: string;
  readonly title: string;
  /** The figures it comes from, in words. */
  readonly why: string;
}

/** Looks at one thing in the facts of a campaign; says nothing where there is nothing to say. */
export type Rule = (facts: CampaignFacts) => Idea[];
