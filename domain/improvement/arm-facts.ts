import type { Arm, Scenario } from '../campaigns/scenario';
import type { ArmFacts } from './facts';

/** What a reader of the report needs of an arm; its subject is the scenario's where it has none of its own. */
export const armFacts = (
  scenario: Scenario,
  { key, label, control, baseline, weight, content, channels, sendHour, sendDay, factors }: Arm,
): ArmFacts => ({
  key,
  label,
  control,
  baseline,
  weight,
  subject: content.subject ?? scenario.content.subject,
  way: { channels, sendHour, sendDay, factors },
});
