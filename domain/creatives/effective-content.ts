import type { Arm, Content, Scenario } from '../campaigns/scenario';
import type { PersonaRow } from './persona-row';

/** What one creative says: the scenario's content, the arm's own words over it, and the persona's line. */
export type EffectiveContent = Content & {
  readonly keyMessage: string;
  readonly visualGuideline: string;
  /** null: this persona is offered nothing. */
  readonly offerCode: string | null;
};

const NO_OFFER = /^(|-|none|no|n\/a|aucun|aucune|sans)$/i;

/** Scenario, then arm, then the persona's row of the matrix. Pure; the same inputs give the same content. */
export function effectiveContent(scenario: Scenario, arm: Arm, persona: PersonaRow): EffectiveContent {
  const own = Object.fromEntries(Object.entries(arm.content).filter(([, value]) => value !== undefined));
  const offerCode = persona.offerCode.trim();
  return {
    ...scenario.content,
    ...own,
    keyMessage: persona.keyMessage.trim(),
    visualGuideline: persona.visualGuideline.trim(),
    offerCode: NO_OFFER.test(offerCode) ? null : offerCode,
  };
}
