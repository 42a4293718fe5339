import { natureRule } from '../delivery/nature-rules';
import { notAllowed, type TargetingPolicy } from '../segments/policy';
import type { Fault } from '../shared/errors';
import type { Scenario } from './scenario';
import { stratumAttributes } from './strata';
import { stepsOf } from './steps';

/** What a scenario points at, as far as it exists. */
export interface ScenarioSurroundings {
  readonly segmentExists: boolean;
  /** Those of its test's sub-populations that are live segments. */
  readonly subPopulations: ReadonlySet<string>;
  /** The test it repeats is there and has been read; also where it repeats none. */
  readonly originalRead: boolean;
  /** segment_id of each row of the current persona matrix; null: there is no matrix yet. */
  readonly personas: ReadonlySet<string> | null;
  /** What is wrong with the offer a persona's row names, in the scenario's market and today; by segment_id. */
  readonly offerFaults: ReadonlyMap<string, string>;
  /** Attributes the live rules of its audience, personas and sub-populations read, by segment. */
  readonly reads: ReadonlyMap<string, readonly string[]>;
  readonly targeting: TargetingPolicy;
  readonly brands: ReadonlySet<string>;
  readonly topics: ReadonlySet<string>;
}

/** Everything the scenario names that is not there, each at its place. */
export function referenceFaults(scenario: Scenario, around: ScenarioSurroundings): Fault[] {
  const faults: Fault[] = [];
  if (!around.brands.has(scenario.brand)) {
    faults.push({ path: '/brand', message: 'no brand has this key' });
  }
  // Nobody could refuse a topic that the preference page does not list.
  if (scenario.topic !== undefined && !around.topics.has(scenario.topic)) {
    faults.push({ path: '/topic', message: `no such topic; there are ${[...around.topics].join(', ')}` });
  }
  if (!around.segmentExists) {
    faults.push({ path: '/audience/segment', message: 'no segment has this key' });
  }
  const allowed = (attributes: readonly string[], path: string): void => {
    const names = notAllowed(attributes, around.targeting);
    if (names.length > 0)
      faults.push({ path, message: `reads what the targeting policy does not allow: ${names.join(', ')}` });
  };
  const refused = (segment: string, path: string): void => allowed(around.reads.get(segment) ?? [], path);
  refused(scenario.audience.segment, '/audience/segment');
  scenario.experiment?.subPopulations.segments.forEach((segment, index) => {
    const path = `/experiment/subPopulations/segments/${index}`;
    if (!around.subPopulations.has(segment)) faults.push({ path, message: 'no segment has this key' });
    // What a group answered to is what it is sent next: whom one learns by is whom one targets by.
    refused(segment, path);
  });
  scenario.experiment?.stratifyBy?.forEach((name, index) => {
    allowed(stratumAttributes([name]), `/experiment/stratifyBy/${index}`);
  });
  if (!around.originalRead)
    faults.push({
      path: '/experiment/replicates',
      message: 'is no campaign whose test was read, and no test that was run elsewhere',
    });
  const { personas, fallbackPersona } = scenario.audience;
  if (around.personas === null) {
    return [...faults, { path: '/audience/personas', message: 'there is no persona matrix yet' }];
  }
  const places = personas.map((persona, index) => ({ path: `/audience/personas/${index}`, persona }));
  if (fallbackPersona !== undefined)
    places.push({ path: '/audience/fallbackPersona', persona: fallbackPersona });
  // Service and official messages carry no offer.
  const offers = stepsOf(scenario).some(({ nature }) => natureRule(nature).commercial);
  for (const { path, persona } of places) {
    const offerFault = offers ? around.offerFaults.get(persona) : undefined;
    if (!around.personas.has(persona))
      faults.push({ path, message: 'the persona matrix has no row of this segment_id' });
    refused(persona, path);
    if (around.personas.has(persona) && offerFault !== undefined)
      faults.push({ path, message: `in its row, ${offerFault}` });
  }
  return faults;
}
