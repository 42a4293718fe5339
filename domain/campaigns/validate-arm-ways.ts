import { own } from '../shared/own';
import { natureRule } from '../delivery/nature-rules';
import type { Fault } from '../shared/errors';
import type { Scenario } from './scenario';
import { stepsOf } from './steps';

const DAY_SECONDS = 86_400;

/** What arms may get wrong that go out another way than the scenario says, or are made of choices. */
export const armWayFaults = (scenario: Scenario): Fault[] => [
  ...ownWayFaults(scenario),
  ...momentFaults(scenario),
  ...factorFaults(scenario),
];

const OWN = ['channels', 'sendHour', 'sendDay', 'factors'] as const;

/** Where nothing is compared the scenario itself says the way, and the control goes no way at all. */
const ownWayFaults = ({ arms }: Scenario): Fault[] =>
  arms.flatMap((arm, index) =>
    OWN.filter((one) => arm[one] !== undefined).flatMap((one): Fault[] => {
      const path = `/arms/${index}/${one}`;
      if (arm.control) return [{ path, message: 'the control sends nothing' }];
      if (arms.length > 1) return [];
      return [
        {
          path,
          message:
            one === 'factors'
              ? 'a single arm has nothing to be told apart from'
              : 'there is one arm: the scenario says it',
        },
      ];
    }),
  );

/** A wave that ends before everybody's moment has come would send to one arm and not to another. */
function momentFaults(scenario: Scenario): Fault[] {
  const { arms, nature, waveDeadlineSeconds } = scenario;
  const waits = stepsOf(scenario).some((step) => natureRule(step.nature).quietHours);
  return arms.flatMap(({ sendHour, sendDay }, index) => {
    const path = sendHour === undefined ? `/arms/${index}/sendDay` : `/arms/${index}/sendHour`;
    if (sendHour === undefined && sendDay === undefined) return [];
    if (!waits) return [{ path, message: `${nature} messages go at once, at any hour` }];
    // A day more: of the person's zone, and of a change of clocks.
    const days = sendDay === undefined ? 2 : 8;
    if (waveDeadlineSeconds >= days * DAY_SECONDS) return [];
    return [
      {
        path: '/waveDeadlineSeconds',
        message: `is too short for ${path.slice(1).replaceAll('/', '.')}: a wave has to last ${days} days for everybody's moment to come`,
      },
    ];
  });
}

/** Arms are told apart by their factors: all that send have the same ones, and no two the same choices. */
function factorFaults({ arms }: Scenario): Fault[] {
  const sent = arms.map((arm, index) => ({ ...arm, index })).filter((arm) => !arm.control);
  const named = sent.find(({ factors }) => factors !== undefined);
  if (named?.factors === undefined) return [];
  const names = Object.keys(named.factors).sort();
  const choices = sent.map(({ factors = {} }) =>
    JSON.stringify(names.map((name) => own(factors, name) ?? null)),
  );
  return sent.flatMap(({ factors = {}, index }, i): Fault[] => {
    const path = `/arms/${index}/factors`;
    if (Object.keys(factors).sort().join() !== names.join())
      return [{ path, message: `every arm that sends says its ${names.join(', ')}, and no other factor` }];
    return choices.indexOf(choices[i] ?? '') < i
      ? [{ path, message: 'another arm has the same choices' }]
      : [];
  });
}
