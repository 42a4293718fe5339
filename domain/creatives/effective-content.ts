import type { Arm, Content, Scenario } from '../campaigns/scenario';
import type { Step } from '../campaigns/steps';
import { natureRule } from '../delivery/nature-rules';
import { offerNamed } from '../segments/persona-matrix';
import type { PersonaRow } from './persona-row';

/** What one creative says: the scenario's content, the arm's own words over it, and the persona's line. */
export type EffectiveContent = Content & {
  /** Empty: the message says its own words alone. */
  readonly keyMessage: string;
  readonly visualGuideline: string;
  /** null: this persona is offered nothing. */
  readonly offerCode: string | null;
};

/**
 * The scenario's words, the arm's over them, a later step's own over both, and the persona's row of the matrix. A step
 * comes last because what somebody writes for it is meant for that one message: the arm's first subject over a
 * reminder's would send the first message twice. What a step leaves out still differs by arm. The persona's row is for
 * messages that may sell: a service or official one is the same for every persona. Pure; the same inputs give the same
 * content.
 */
export function effectiveContent(
  scenario: Scenario,
  step: Pick<Step, 'content' | 'nature'>,
  arm: Arm,
  persona: PersonaRow,
): EffectiveContent {
  return {
    ...scenario.content,
    ...said(arm.content),
    ...said(step.content),
    ...(natureRule(step.nature).commercial
      ? {
          keyMessage: persona.keyMessage.trim(),
          visualGuideline: persona.visualGuideline.trim(),
          offerCode: offerNamed(persona.offerCode),
        }
      : { keyMessage: '', visualGuideline: '', offerCode: null }),
  };
}

const said = (content: Arm['content']): Partial<Content> =>
  Object.fromEntries(Object.entries(content).filter(([, value]) => value !== undefined));
