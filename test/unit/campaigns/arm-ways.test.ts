import { defaultPolicies } from '../../../config/policies/delivery';
import { armChannels, armMoments, channelsOfStep, wayWords } from '../../../domain/campaigns/arm-ways';
import { scenarioSchema, type ScenarioInput } from '../../../domain/campaigns/scenario';
import { FIRST_STEP, stepOf } from '../../../domain/campaigns/steps';
import { validateScenario } from '../../../domain/campaigns/validate-scenario';
import { creativeTasks } from '../../../domain/creatives/creative-tasks';
import { plainScenario } from '../../support/scenario';

type ArmInput = Omit<ScenarioInput['arms'][number], 'key' | 'label' | 'weight'>;
const policies = Object.values(defaultPolicies().channel);

const scenarioOf = (arms: readonly ArmInput[], change: Partial<ScenarioInput> = {}) =>
  scenarioSchema.parse(
    plainScenario({
      waveDeadlineSeconds: 8 * 86_400,
      ...(arms.length > 1 ? { experiment: { testShare: 0.5 } } : {}),
      ...change,
      arms: arms.map((arm, i) => ({ key: `arm-${i}`, label: `Arm ${i}`, weight: 1, ...arm })),
    }),
  );

test.each<[string, readonly ArmInput[], Partial<ScenarioInput>, string[]]>([
  [
    'channels, hours, days and choices',
    [
      { channels: ['sms'], factors: { tone: 'warm' } },
      { sendHour: 18, sendDay: 'thu', factors: { tone: 'cool' } },
      { control: true },
    ],
    {},
    [],
  ],
  [
    'a control that has a way',
    [{}, { control: true, channels: ['sms'], sendHour: 8, sendDay: 'mon', factors: { tone: 'warm' } }],
    {},
    ['/arms/1/channels', '/arms/1/sendHour', '/arms/1/sendDay', '/arms/1/factors'],
  ],
  [
    'one arm alone',
    [{ channels: ['sms'], factors: { tone: 'warm' } }],
    {},
    ['/arms/0/channels', '/arms/0/factors'],
  ],
  [
    'a channel twice, and one without its block',
    [{ channels: ['sms', 'sms'] }, { channels: ['letter'] }],
    {},
    ['/arms/0/channels/1', '/arms/1/channels/0'],
  ],
  [
    'a wave that ends before the day comes',
    [{ sendDay: 'tue' }, { sendDay: 'thu' }],
    { waveDeadlineSeconds: 7 * 86_400 },
    ['/waveDeadlineSeconds', '/waveDeadlineSeconds'],
  ],
  [
    'a wave that ends before the hour comes',
    [{ sendHour: 9 }, {}],
    { waveDeadlineSeconds: 86_400 },
    ['/waveDeadlineSeconds'],
  ],
  ['a message that waits for no hour', [{ sendHour: 9 }, {}], { nature: 'service' }, ['/arms/0/sendHour']],
  ['choices of one arm and not of another', [{ factors: { tone: 'warm' } }, {}], {}, ['/arms/1/factors']],
  [
    'other factors',
    [{ factors: { tone: 'warm' } }, { factors: { visual: 'night' } }],
    {},
    ['/arms/1/factors'],
  ],
  [
    'the same choices twice',
    [{ factors: { tone: 'warm', cta: 'see' } }, { factors: { cta: 'see', tone: 'warm' } }],
    {},
    ['/arms/1/factors'],
  ],
])('%s', (_, arms, change, paths) => {
  expect(validateScenario(scenarioOf(arms, change)).map(({ path }) => path)).toEqual(paths);
});

test('a factor has a name, and there are four at the most', () => {
  const parsed = (factors: Record<string, string>) =>
    scenarioSchema.safeParse(plainScenario({ arms: [{ key: 'a', label: 'A', weight: 1, factors }] })).success;
  expect(parsed({ tone: 'warm' })).toBe(true);
  expect(parsed({})).toBe(false);
  expect(parsed({ Tone: 'warm' })).toBe(false);
  expect(parsed({ a: 'x', b: 'x', c: 'x', d: 'x', e: 'x' })).toBe(false);
});

describe('a test of channels', () => {
  const channels = scenarioOf([{ channels: ['sms', 'email'] }, {}, { control: true }], {
    channels: ['email'],
    steps: [{ key: 'relance', when: 'not-clicked', afterSeconds: 60, channels: ['push'] }],
  });
  const first = stepOf(channels, FIRST_STEP);

  test('takes the channels of all arms together; those of the scenario where an arm has none', () => {
    expect(channelsOfStep(channels, first, policies)).toEqual(['sms', 'email']);
    expect(armChannels(channels, first, policies)).toEqual([
      { arm: 'arm-0', channels: ['sms', 'email'] },
      { arm: 'arm-1', channels: ['email'] },
    ]);
    expect(armChannels(channels, stepOf(channels, 'relance'), policies)).toBeNull();
    expect(
      armChannels(scenarioOf([{ channels: ['sms'] }, { channels: ['sms'] }]), first, policies),
    ).toBeNull();
  });

  test('has messages made for the channels of each arm alone', () => {
    expect(
      creativeTasks(channels, policies, ['adultes']).map(
        ({ step, channel, arm }) => `${step} ${channel} ${arm}`,
      ),
    ).toEqual([
      'first sms arm-0',
      'first email arm-0',
      'first email arm-1',
      'relance push arm-0',
      'relance push arm-1',
    ]);
  });
});

test('moments are those of the arms that have one', () => {
  const moments = scenarioOf([{ sendHour: 9 }, { sendHour: 18, sendDay: 'thu' }, {}, { control: true }]);
  expect(armMoments(moments)).toEqual([
    { arm: 'arm-0', sendHour: 9, sendDay: null },
    { arm: 'arm-1', sendHour: 18, sendDay: 'thu' },
  ]);
  expect(moments.arms.map(wayWords)).toEqual(['at 9 h', 'at 18 h on Thursday', '', '']);
  expect(wayWords({ channels: ['sms', 'email'], factors: { tone: 'warm' } })).toBe(
    'by sms, else email, tone warm',
  );
});
