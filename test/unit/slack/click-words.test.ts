import { describe, expect, test } from '@jest/globals';
import { clickWords } from '../../../domain/approvals/words';

const refused = (
  refusal: 'approval-not-waiting' | 'approval-stale' | 'approval-four-eyes' | 'approval-decided',
  words = 'Judged.',
) => ({
  outcome: 'refused' as const,
  refusal,
  words,
});
const standing = (
  state: 'waiting' | 'approved' | 'rejected' | 'expired' | 'void',
  by: string | null = null,
) => ({ state, by });

describe('what a click is answered', () => {
  test.each([
    [
      'the last approval',
      'approve',
      { outcome: 'counted', state: 'approved', missing: 0 },
      null,
      'Your approval counts: the campaign goes on.',
    ],
    [
      'one of two',
      'approve',
      { outcome: 'counted', state: 'waiting', missing: 1 },
      null,
      'Your approval counts; 1 more person is needed.',
    ],
    [
      'a rejection',
      'reject',
      { outcome: 'counted', state: 'rejected', missing: 0 },
      null,
      'Your rejection counts: the campaign ends and nobody is written to.',
    ],
    [
      'no worker',
      'approve',
      'kept',
      null,
      'Your decision is kept; it takes effect as soon as a worker is up again.',
    ],
    [
      'a second click',
      'approve',
      refused('approval-decided'),
      standing('approved', 'camille'),
      'Already approved by camille. Your click changed nothing.',
    ],
    [
      'a late click',
      'approve',
      refused('approval-not-waiting'),
      standing('expired'),
      'Too late: the deadline has passed. Your click changed nothing.',
    ],
    [
      'a click on a version replaced',
      'approve',
      refused('approval-not-waiting'),
      standing('void'),
      'What you were shown was replaced by a newer version; look at that one. Your click changed nothing.',
    ],
    [
      'a stale version',
      'approve',
      refused('approval-stale', 'It changed.'),
      standing('waiting'),
      'It changed. Your click changed nothing.',
    ],
    [
      'the author',
      'approve',
      refused('approval-four-eyes', 'The author cannot.'),
      standing('waiting'),
      'The author cannot. Your click changed nothing.',
    ],
    [
      'a campaign that ended',
      'approve',
      'campaign-ended',
      null,
      'This campaign has ended. Your click changed nothing.',
    ],
    [
      'a campaign rejected before',
      'approve',
      'campaign-ended',
      standing('rejected', 'noé'),
      'Already rejected by noé. Your click changed nothing.',
    ],
  ] as const)('%s', (_case, decision, outcome, stands, words) =>
    expect(clickWords(decision, outcome, stands)).toBe(words),
  );
});
