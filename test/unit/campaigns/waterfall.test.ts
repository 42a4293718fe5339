import fc from 'fast-check';
import { waterfall } from '../../../domain/campaigns/waterfall';

const REASONS = [
  'unreachable',
  'suppressed',
  'no-consent',
  'consent-expired',
  'doubtful',
  'no-persona',
  'of-tomorrow',
];

test('the steps add up to the segment, whatever the counts', () => {
  const counts = fc.record({
    members: fc.nat(),
    holdout: fc.nat(),
    excluded: fc.dictionary(fc.constantFrom(...REASONS), fc.nat()),
  });
  fc.assert(
    fc.property(counts, ({ members, holdout, excluded }) => {
      const matched = members + holdout + Object.values(excluded).reduce((a, b) => a + b, 0);
      const none = { arms: {}, personas: {}, parts: { pilot: 0, test: 0, rollout: members } };
      const [segment, ...steps] = waterfall({ matched, excluded, holdout, members, ...none });
      expect(segment).toEqual({ step: 'segment', people: matched, left: matched });
      expect(steps.reduce((sum, { people }) => sum + people, 0)).toBe(matched);
      expect(steps.at(-1)).toEqual({ step: 'audience', people: members, left: members });
      steps.slice(0, -1).reduce((left, step) => {
        expect(step.left).toBe(left - step.people);
        return step.left;
      }, matched);
    }),
  );
});
