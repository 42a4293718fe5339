import type { LetterKind } from '../shared/words';

const ELECTRONIC: Readonly<Record<LetterKind, LetterKind>> = {
  plain: 'ere',
  tracked: 'ere',
  ere: 'ere',
  registered: 'lre',
  lre: 'lre',
};
const PAPER: Readonly<Record<LetterKind, LetterKind>> = {
  plain: 'plain',
  tracked: 'tracked',
  registered: 'registered',
  ere: 'tracked',
  lre: 'registered',
};

/** The kind a letter has on the channel it takes: what was asked for, or what carries the same proof there. */
export const letterKindOn = (channel: 'letter' | 'e-letter', asked: LetterKind | null): LetterKind =>
  channel === 'letter' ? PAPER[asked ?? 'plain'] : ELECTRONIC[asked ?? 'plain'];
