import { describe, expect, test } from '@jest/globals';
import { encodeButtonValue } from '../../../adapters/slack/button-value';
import { parseInteraction } from '../../../adapters/slack/interaction';

const value = { campaignId: 'c1', approvalId: 'a1', subjectHash: 'h1', decision: 'approve' as const };
const click = (action: object, more: object = {}) => ({
  type: 'block_actions',
  trigger_id: '1.2.3',
  user: { id: 'U1', username: 'camille' },
  channel: { id: 'C1', name: 'crm-approvals' },
  actions: [{ block_id: 'boucle.decision', type: 'button', ...action }],
  ...more,
});

describe('interaction', () => {
  test('a click on Approve', () => {
    expect(parseInteraction(click({ action_id: 'boucle.approve', value: encodeButtonValue(value) }))).toEqual(
      {
        kind: 'decision',
        slackUser: 'U1',
        channel: 'C1',
        value,
      },
    );
  });

  test.each([
    ['a link button', click({ action_id: 'boucle.details' })],
    ['a control of somebody else', click({ action_id: 'other' })],
    ['a modal', { type: 'view_submission' }],
  ])('%s has no effect', (_what, payload) => expect(parseInteraction(payload)).toEqual({ kind: 'other' }));

  test.each([
    ['no value', click({ action_id: 'boucle.approve' })],
    ['a value that is not JSON', click({ action_id: 'boucle.approve', value: '{' })],
    [
      'a value with more in it',
      click({ action_id: 'boucle.approve', value: JSON.stringify({ ...value, by: 'me' }) }),
    ],
    ['a value of the other button', click({ action_id: 'boucle.reject', value: encodeButtonValue(value) })],
    [
      'no user',
      { ...click({ action_id: 'boucle.approve', value: encodeButtonValue(value) }), user: undefined },
    ],
    ['no actions', click({}, { actions: [] })],
    ['nothing', null],
    ['a text', 'approve'],
  ])('%s is unreadable', (_what, payload) =>
    expect(parseInteraction(payload)).toEqual({ kind: 'unreadable' }),
  );
});
