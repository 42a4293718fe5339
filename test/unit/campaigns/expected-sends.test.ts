import { expectedSends } from '../../../domain/campaigns/expected-sends';
import { scenarioSchema } from '../../../domain/campaigns/scenario';
import type { Stage } from '../../../domain/shared/words';
import { scenario as whole } from '../../support/people';

const DAY = 86_400_000;
const NOW = new Date('2026-11-22T10:00:00Z');
const scenario = scenarioSchema.parse(
  whole({
    pilot: { area: '75', observeSeconds: 86_400 },
    primaryMetric: { event: 'visit', windowSeconds: 7 * 86_400 },
    steps: [{ key: 'relance', when: 'not-clicked', afterSeconds: 3 * 86_400, content: {} }],
  }),
);
const counts = {
  matched: 1_000,
  excluded: {},
  holdout: 0,
  members: 1_000,
  arms: {},
  parts: { pilot: 100, test: 300, rollout: 600 },
  personas: { gold: 1_000 },
};
const daysAway = (stage: Stage, stageStartedAt: Date) =>
  Object.fromEntries(
    expectedSends({ scenario, counts, stage, stageStartedAt }, [], NOW).map((send) => [
      `${send.step}/${send.part}`,
      Math.round(((send.from.getTime() - NOW.getTime()) / DAY) * 10) / 10,
    ]),
  );

test('from the pilot on: the test a day later, the rest once the test is read, a follow-up after each', () => {
  expect(daysAway('pilot', NOW)).toEqual({
    'first/pilot': 0,
    'first/test': 1,
    'first/rollout': 8,
    'relance/pilot': 3,
    'relance/test': 4,
    'relance/rollout': 11,
  });
});

test('what is over is due at once, and a stage that takes longer pushes the later ones', () => {
  const inTest = daysAway('evaluate', new Date(NOW.getTime() - 2 * DAY));
  expect(inTest).toMatchObject({ 'first/pilot': 0, 'first/test': 0, 'first/rollout': 5 });
  const late = daysAway('evaluate', new Date(NOW.getTime() - 20 * DAY));
  expect(late).toMatchObject({ 'first/rollout': 0, 'relance/rollout': 3 });
});

test('parts without people send nothing', () => {
  const nobody = { ...counts, parts: { pilot: 0, test: 0, rollout: 5 } };
  const sends = expectedSends({ scenario, counts: nobody, stage: 'create', stageStartedAt: NOW }, [], NOW);
  expect(sends.map((send) => [send.step, send.part, send.channel])).toEqual([
    ['first', 'rollout', 'email'],
    ['relance', 'rollout', 'email'],
  ]);
  expect(sends.every((send) => send.from <= send.until && send.from >= NOW)).toBe(true);
});
