import { scenarioSchema, type ScenarioInput } from '../../../domain/campaigns/scenario';
import { longestChainSeconds } from '../../../domain/campaigns/validate-steps';
import { validateScenario } from '../../../domain/campaigns/validate-scenario';
import { plainScenario } from '../../support/scenario';

const parsed = (change: Partial<ScenarioInput>) => scenarioSchema.parse(plainScenario(change));
const faultsOf = (change: Partial<ScenarioInput>): string[] =>
  validateScenario(parsed(change)).map((fault) => fault.path);

const later = (key: string, after = 'first') => ({
  key,
  after,
  when: 'not-clicked' as const,
  afterSeconds: 60,
});
const content = plainScenario().content;
const arm = (key: string) => ({ key, label: key, weight: 1 });
const inApp = { placement: 'accueil' };
const letter = { kind: 'registered' as const };
const continuous = { periodSeconds: 30 * 86_400 };
const triggered = {
  kind: 'triggered' as const,
  triggered: { periodSeconds: 86_400 },
  nature: 'service' as const,
};
const orderNumber = { name: 'orderNumber', fallback: 'votre commande' };

test.each<[string, Partial<ScenarioInput>]>([
  ['steps in a row', { steps: [later('relance'), later('escalade', 'relance'), later('autre')] }],
  ['every channel, with what it needs', { channels: ['in-app', 'letter', 'sms'], inApp, letter }],
  ['a continuous scenario', { kind: 'continuous', continuous: { ...continuous, reentryDays: 30 } }],
  ['one that lets nobody back', { kind: 'continuous', continuous: { ...continuous, reentryDays: null } }],
  [
    'a triggered one with its values',
    { ...triggered, variables: [orderNumber], content: { ...content, body: 'n° {{ message.orderNumber }}' } },
  ],
  [
    'an hour that a later step waits for',
    { nature: 'service', sendHour: 10, steps: [{ ...later('a'), nature: 'promotion' }] },
  ],
  ['an attribution of ninety days', { attribution: { event: 'purchase', windowSeconds: 90 * 86_400 } }],
])('%s: nothing is wrong', (_, change) => {
  expect(faultsOf(change)).toEqual([]);
});

test.each<[string, Partial<ScenarioInput>, string[]]>([
  ['a step after one that comes later', { steps: [later('a', 'b'), later('b')] }, ['/steps/0/after']],
  ['a step after itself', { steps: [later('a', 'a')] }, ['/steps/0/after']],
  ['a circle', { steps: [later('a', 'b'), later('b', 'a')] }, ['/steps/0/after']],
  ['a step after nobody', { steps: [later('a', 'jamais')] }, ['/steps/0/after']],
  ['the same step twice', { steps: [later('a'), later('a')] }, ['/steps/1/key']],
  ['in-app without its block', { channels: ['email', 'in-app'] }, ['/channels/1']],
  ['a later step by letter', { steps: [{ ...later('a'), channels: ['letter'] }] }, ['/steps/0/channels/0']],
  ['an hour for a message that goes at once', { nature: 'official', sendHour: 10 }, ['/sendHour']],
  ['a channel twice', { channels: ['sms', 'email', 'sms'] }, ['/channels/2']],
  ['continuous without a block', { kind: 'continuous' }, ['/continuous']],
  ['a block without its kind', { continuous }, ['/continuous']],
  ['triggered without a period', { ...triggered, triggered: undefined }, ['/triggered']],
  [
    're-entry within the period',
    { kind: 'continuous', continuous: { ...continuous, reentryDays: 29 } },
    ['/continuous/reentryDays'],
  ],
  [
    'a test of messages that are owed',
    { ...triggered, pilot: { area: '75', observeSeconds: 60 } },
    ['/pilot'],
  ],
  ['values nobody asks with', { variables: [orderNumber] }, ['/variables']],
  ['a value twice', { ...triggered, variables: [orderNumber, orderNumber] }, ['/variables/1/name']],
  [
    'a fallback with a variable in it',
    { ...triggered, variables: [{ name: 'a', fallback: '{{ person.city }}' }] },
    ['/variables/0/fallback'],
  ],
  [
    'values nobody declared',
    {
      ...triggered,
      variables: [orderNumber],
      content: { ...content, sms: { text: 'n° {{ message.orderNumber }} {{ message.total }}' } },
      arms: [{ ...arm('a'), content: { headline: '{{message.code}}' } }],
    },
    ['/content/sms/text', '/arms/0/content/headline'],
  ],
  [
    'a value in a step',
    { steps: [{ ...later('a'), content: { headline: '{{message.code}}' } }] },
    ['/steps/0/content/headline'],
  ],
  ['a later step of messages asked for', { ...triggered, steps: [later('a')] }, ['/steps']],
  ['two arms of messages asked for', { ...triggered, arms: [arm('a'), arm('b')] }, ['/arms']],
  [
    'a test among people who come one by one',
    {
      kind: 'continuous',
      continuous,
      arms: [arm('a'), { ...arm('b'), control: true }],
      pilot: { area: '75', observeSeconds: 60 },
      experiment: { testShare: 0.2 },
    },
    ['/experiment', '/pilot', '/arms', '/arms/1/control'],
  ],
  [
    'an attribution without end',
    { attribution: { event: 'purchase', windowSeconds: 90 * 86_400 + 1 } },
    ['/attribution/windowSeconds'],
  ],
  [
    'steps longer than a year',
    {
      steps: [
        { ...later('a'), afterSeconds: 300 * 86_400 },
        { ...later('b', 'a'), afterSeconds: 100 * 86_400 },
      ],
    },
    ['/rollout/observeSeconds'],
  ],
])('%s', (_, change, paths) => {
  expect(faultsOf(change)).toEqual(paths);
});

test('the fault says why', () => {
  const said = validateScenario(parsed({ ...triggered, steps: [later('a')], arms: [arm('a'), arm('b')] }));
  expect(said.map((fault) => fault.message)).toEqual([
    'a triggered scenario has a single arm: each message is asked for by itself and owed to one person',
    'a triggered scenario has none: its first message alone is sent, to whom it was asked for',
  ]);
});

test('the longest way through the steps counts, not their sum', () => {
  const steps = [later('a'), later('b', 'a'), later('c'), { ...later('d', 'b'), afterSeconds: 500 }];
  expect(longestChainSeconds(parsed({ steps }))).toBe(60 + 60 + 500);
  expect(longestChainSeconds(parsed({}))).toBe(0);
});
