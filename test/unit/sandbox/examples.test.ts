import { readFileSync } from 'node:fs';
import { targetingPolicy } from '../../../config/policies/targeting';
import { loadTopics } from '../../../config/policies/topics';
import { loadBrands } from '../../../config/brands';
import { fromRoot } from '../../../config/paths';
import { referenceFaults } from '../../../domain/campaigns/scenario-references';
import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { validateScenario } from '../../../domain/campaigns/validate-scenario';
import { checkPersonaMatrix, readPersonaMatrix } from '../../../domain/segments/persona-matrix';
import { attributesOf, ruleSchema } from '../../../domain/segments/rule';
import { demoMappingSchema } from '../../../sandbox/audience/demo-mapping';
import { armBySubject } from '../../../sandbox/people/which-arm';

/** Those the demo reads. */
const examples = ['generated', 'hillstrom'];

describe.each(examples)('example %s', (name) => {
  const read = (file: string): unknown => JSON.parse(readFileSync(fromRoot('examples', name, file), 'utf8'));
  const mapping = demoMappingSchema.parse(read('mapping.json'));
  const scenario = scenarioSchema.parse(read('scenario.json'));
  const segments = (read('segments.json') as { key: string; rule: unknown }[]).map(({ key, rule }) => ({
    key,
    rule: ruleSchema.parse(rule),
  }));
  const keys = new Set(segments.map((s) => s.key));

  test('can be run as it stands', () => {
    const csv = readFileSync(fromRoot('examples', name, 'persona_matrix.csv'), 'utf8');
    const offers = new Map(
      (read('offers.json') as { code: string }[]).map(({ code }) => [code, 'open' as const]),
    );
    const matrix = checkPersonaMatrix(readPersonaMatrix(csv), { segments: keys, offers });
    if (!matrix.ok) throw new Error(JSON.stringify(matrix.faults));
    const around = {
      segmentExists: keys.has(scenario.audience.segment),
      subPopulations: keys,
      originalRead: true,
      personas: new Set(matrix.rows.map((row) => row.segment_id)),
      reads: new Map<string, string[]>(),
      targeting: targetingPolicy(),
      offerFaults: new Map<string, string>(),
      brands: new Set(loadBrands().keys()),
      topics: new Set(loadTopics().map(({ key }) => key)),
    };
    expect([...validateScenario(scenario), ...referenceFaults(scenario, around)]).toEqual([]);
  });

  test('its rules read what the mapping brings and the targeting policy allows', () => {
    const policy = JSON.parse(readFileSync(fromRoot('config', 'policies', 'targeting.json'), 'utf8')) as {
      allowed: string[];
    };
    const mapped = new Set<string>(mapping.import.fields.map((f) => f.to));
    for (const attribute of segments.flatMap((s) => attributesOf(s.rule))) {
      expect(mapped).toContain(`attributes.${attribute}`);
      expect(policy.allowed).toContain(attribute);
    }
  });

  test('its mails can be told apart, and its answers name its arms', () => {
    expect(() => armBySubject(scenario)).not.toThrow();
    const arms = new Set(scenario.arms.filter((arm) => !arm.control).map((arm) => arm.key));
    const named =
      mapping.answers.from === 'file'
        ? Object.values(mapping.answers.armValues).filter((arm) => arm !== null)
        : mapping.answers.outcomes.flatMap((o) => Object.keys(o.rates)).filter((arm) => arm !== 'none');
    expect(new Set(named)).toEqual(arms);
  });

  test('a made-up column of the mapping is marked as made up', () => {
    const made = Object.keys(mapping.madeUp?.columns ?? {});
    for (const field of mapping.import.fields)
      if (made.includes(field.column)) expect(field.madeUp).toBe(true);
  });
});
