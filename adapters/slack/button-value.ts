import { z } from 'zod';

/** What a decision button carries: enough to judge the click, nothing secret. Slack allows 2,000 characters. */
const buttonValue = z.strictObject({
  campaignId: z.string().min(1).max(60),
  approvalId: z.string().min(1).max(60),
  subjectHash: z.string().min(1).max(128),
  decision: z.enum(['approve', 'reject']),
});

export type ButtonValue = z.infer<typeof buttonValue>;

export const APPROVE_ACTION = 'boucle.approve';
export const REJECT_ACTION = 'boucle.reject';
export const DETAILS_ACTION = 'boucle.details';

export const encodeButtonValue = (value: ButtonValue): string => JSON.stringify(buttonValue.parse(value));

/** null: not a value we wrote. */
export function decodeButtonValue(text: string): ButtonValue | null {
  try {
    return buttonValue.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
