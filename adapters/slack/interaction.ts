import { z } from 'zod';
import { APPROVE_ACTION, REJECT_ACTION, decodeButtonValue, type ButtonValue } from './button-value';

/** The part of Slack's `block_actions` payload that is read; everything else may come and go. */
const blockActions = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string().min(1) }),
  channel: z.object({ id: z.string().min(1) }),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().optional() })).min(1),
});

export type Interaction =
  | {
      readonly kind: 'decision';
      readonly slackUser: string;
      readonly channel: string;
      readonly value: ButtonValue;
    }
  /** A link button, or a control of another app: acknowledged, without effect. */
  | { readonly kind: 'other' }
  | { readonly kind: 'unreadable' };

/** Reads one interaction as Slack posts it (the JSON of the form field `payload`, already parsed). */
export function parseInteraction(payload: unknown): Interaction {
  const parsed = blockActions.safeParse(payload);
  if (!parsed.success) {
    const type = z.object({ type: z.string() }).safeParse(payload);
    return { kind: type.success && type.data.type !== 'block_actions' ? 'other' : 'unreadable' };
  }
  const { user, channel, actions } = parsed.data;
  const action = actions.find((a) => a.action_id === APPROVE_ACTION || a.action_id === REJECT_ACTION);
  if (action === undefined) return { kind: 'other' };
  const value = decodeButtonValue(action.value ?? '');
  // The button's id and what it carries must say the same: a value moved to the other button decides nothing.
  if (value === null || action.action_id !== `boucle.${value.decision}`) return { kind: 'unreadable' };
  return { kind: 'decision', slackUser: user.id, channel: channel.id, value };
}
