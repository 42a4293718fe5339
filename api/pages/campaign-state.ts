import type { End, Stage } from '../../domain/shared/words';

export type Tone = 'good' | 'busy' | 'wait' | 'bad' | 'calm';

const STAGE_NAMES = {
  define: 'Define',
  audit: 'Audit',
  create: 'Create',
  qa: 'QA',
  approve: 'Approve',
  pilot: 'Pilot',
  'pilot-observe': 'Observe pilot',
  experiment: 'Test',
  evaluate: 'Evaluate',
  rollout: 'Roll-out',
  observe: 'Observe',
  learn: 'Learn',
} as const satisfies Record<Stage, string>;

export const stageName = (stage: Stage): string => STAGE_NAMES[stage];

const ENDINGS = {
  completed: { words: 'Completed', tone: 'good' },
  'no-winner': { words: 'Ended without a winner', tone: 'calm' },
  rejected: { words: 'Rejected', tone: 'bad' },
  stopped: { words: 'Stopped', tone: 'bad' },
  aborted: { words: 'Aborted', tone: 'bad' },
  expired: { words: 'Expired', tone: 'bad' },
  failed: { words: 'Failed', tone: 'bad' },
} as const satisfies Record<End, { words: string; tone: Tone }>;

export interface Standing {
  readonly stage: Stage;
  readonly hold: 'run' | 'paused' | 'aborted';
  readonly blockedOn: string | null;
  readonly end: End | null;
  readonly endReason: string | null;
}

/** How a campaign stands, in a word, a sentence and a colour's meaning. */
export function standingWords(c: Standing): {
  readonly word: string;
  readonly sentence: string;
  readonly tone: Tone;
} {
  if (c.end !== null)
    return { word: ENDINGS[c.end].words, sentence: c.endReason ?? '', tone: ENDINGS[c.end].tone };
  if (c.hold === 'paused')
    return {
      word: 'Paused',
      sentence: `By a person, in stage ${stageName(c.stage)}. Nothing is sent until it is resumed.`,
      tone: 'wait',
    };
  if (c.hold === 'aborted') return { word: 'Aborting', sentence: 'Nothing more is sent.', tone: 'bad' };
  if (c.blockedOn !== null) {
    const reason = c.blockedOn === 'approval' ? 'an approval' : c.blockedOn;
    const observing = /^observing/.test(reason);
    return {
      word: stageName(c.stage),
      sentence: observing
        ? `${capital(reason)}: answers come in until the window closes.`
        : `Waiting for ${reason}.`,
      tone: observing ? 'busy' : 'wait',
    };
  }
  return { word: stageName(c.stage), sentence: 'Under way.', tone: 'busy' };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A stage's outcome for the strip. */
export function outcomeTone(outcome: string | null): {
  readonly words: string;
  readonly tone: Tone;
  readonly mark: string;
} {
  if (outcome === null) return { words: 'under way', tone: 'busy', mark: '' };
  if (outcome === 'done') return { words: 'done', tone: 'good', mark: '✓' };
  if (outcome === 'not-applicable') return { words: 'not needed', tone: 'calm', mark: '–' };
  if (outcome === 'completed') return { words: 'done', tone: 'good', mark: '✓' };
  if (outcome === 'no-winner') return { words: 'no winner', tone: 'calm', mark: '–' };
  return { words: outcome, tone: 'bad', mark: '✕' };
}
