import type { Stage } from '../../domain/shared/words';

/** What each stage is, for somebody who has never seen one. */
export const STAGE_WORDS: Record<Stage, string> = {
  define: 'Who is concerned: the audience is frozen, with everybody’s arm.',
  audit: 'Which attributes the rules read, against those the targeting policy allows.',
  create: 'One e-mail for each persona and arm is rendered, with its picture.',
  qa: 'Every creative goes through the checks.',
  approve: 'The approval is asked for in Slack; nothing is sent without it.',
  pilot: 'A first send to one area, whose people stay out of the test.',
  'pilot-observe': 'The pilot is observed; a crossed guardrail would stop the campaign here.',
  experiment: 'The test: each arm gets its own message, the control none.',
  evaluate: 'The test is observed for its window, then judged.',
  rollout: 'The winner goes to everybody else, in waves.',
  observe: 'The roll-out is observed.',
  learn: 'Report, test log and improvement backlog are written.',
};
