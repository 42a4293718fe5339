import type { Fault } from '../shared/errors';
import type { Scenario } from './scenario';

/** What a test may get wrong in what it counts beside its primary metric, and in the groups it declares. */
export const measureFaults = (scenario: Scenario): Fault[] => [
  ...metricFaults(scenario),
  ...revenueFaults(scenario),
  ...subPopulationFaults(scenario),
];

const OPEN_STILL = 'is longer than the window of the primary metric, at whose end the test is read';

/** A metric that is counted already, and one whose window is still open when the test is read. */
function metricFaults({ primaryMetric, experiment }: Scenario): Fault[] {
  if (experiment === undefined) return [];
  const { secondaryMetrics, northStar } = experiment;
  const others = [
    ...secondaryMetrics.map((metric, index) => ({ metric, path: `/experiment/secondaryMetrics/${index}` })),
    ...(northStar === undefined ? [] : [{ metric: northStar, path: '/experiment/northStar' }]),
  ];
  const counted = [primaryMetric, ...others.map(({ metric }) => metric)];
  return others.flatMap(({ metric, path }, index) => {
    const faults: Fault[] = [];
    // One before it in the list, which begins with the primary metric.
    const same = counted.findIndex(
      ({ event, windowSeconds }) => event === metric.event && windowSeconds === metric.windowSeconds,
    );
    if (same < index + 1) faults.push({ path, message: 'this event is counted for this long already' });
    if (metric.windowSeconds > primaryMetric.windowSeconds)
      faults.push({
        path: `${path}/windowSeconds`,
        message: OPEN_STILL,
      });
    return faults;
  });
}

function revenueFaults({ primaryMetric, experiment }: Scenario): Fault[] {
  const { revenue } = experiment ?? {};
  if (revenue === undefined || revenue.windowSeconds <= primaryMetric.windowSeconds) return [];
  return [{ path: '/experiment/revenue/windowSeconds', message: OPEN_STILL }];
}

function subPopulationFaults({ audience, experiment }: Scenario): Fault[] {
  if (experiment === undefined) return [];
  const { segments, personas } = experiment.subPopulations;
  const at = (kind: 'segments' | 'personas', index: number) => `/experiment/subPopulations/${kind}/${index}`;
  const known = new Set([...audience.personas, audience.fallbackPersona]);
  return [
    ...segments.flatMap((segment, index): Fault[] => {
      const path = at('segments', index);
      if (segments.indexOf(segment) < index) return [{ path, message: 'is there more than once' }];
      if (segment !== audience.segment) return [];
      return [{ path, message: 'is the audience itself: nobody would be outside it' }];
    }),
    ...personas.flatMap((persona, index): Fault[] => {
      const path = at('personas', index);
      if (personas.indexOf(persona) < index) return [{ path, message: 'is there more than once' }];
      return known.has(persona) ? [] : [{ path, message: 'is no persona of the audience' }];
    }),
  ];
}
