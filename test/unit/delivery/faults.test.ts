import * as fc from 'fast-check';
import { faultsInARow } from '../../../domain/delivery/breaker';
import type { SendOutcome } from '../../../domain/delivery/ports';
import { isDomainRefusal } from '../../../domain/delivery/retry-policy';
import { costMicros } from '../../../domain/delivery/unit-cost';
import { defaultPolicies } from '../../../config/policies/delivery';

it.each([
  ['421', true],
  ['421 4.7.0', true],
  ['451', true],
  ['451 4.7.1', true],
  ['454 4.3.0', true],
  ['450', false],
  ['450 4.2.1', false],
  ['452 4.2.2', false],
  ['450 4.7.1', true],
  ['550 5.7.1', false],
  ['relay-unreachable', false],
  ['http-429', false],
])('%s is a refusal of the whole domain: %s', (code, domain) => {
  expect(isDomainRefusal(code)).toBe(domain);
});

const SILENT: SendOutcome = { kind: 'uncertain', code: 'no-answer' };
const OUT: SendOutcome = { kind: 'retry', code: 'relay-unreachable' };
const BROKEN: SendOutcome = { kind: 'retry', code: 'http-503' };
const REFUSED: SendOutcome = { kind: 'failed', code: '550 5.1.1' };
const GREY: SendOutcome = { kind: 'retry', code: '451 4.7.1' };

it.each([
  ['an outage counts once a round', [OUT, OUT, OUT], 3],
  ['so does a provider that answers with its own fault', [BROKEN, OUT], 3],
  ['each silence counts', [SILENT, SILENT], 4],
  ['both together', [SILENT, OUT], 4],
  ['a bad answer about a message is an answer', [REFUSED, OUT], 0],
  ['so is a refusal for now', [GREY], 0],
  ['nothing came back', [], 2],
] as const)('%s', (_, round, now) => {
  expect(faultsInARow(2, round)).toBe(now);
});

it('counts up only while nothing but faults comes back', () => {
  const outcome = fc.constantFrom(SILENT, OUT, BROKEN, REFUSED, GREY);
  fc.assert(
    fc.property(fc.nat(20), fc.array(outcome, { minLength: 1, maxLength: 30 }), (before, round) => {
      const now = faultsInARow(before, round);
      const well = round.some((one) => one === REFUSED || one === GREY);
      expect(now === 0).toBe(well);
      if (!well) expect(now).toBeGreaterThan(before);
    }),
  );
});

it.each([
  ['email', null, 1, 400],
  ['sms', null, 3, 135_000],
  ['push', null, 1, 0],
  ['letter', 'plain', 20, 1_390_000],
  ['letter', 'plain', 20.5, 2_780_000],
  ['letter', 'plain', 2_000, 10_700_000],
  ['letter', 'plain', 2_000.5, null],
  ['letter', 'registered', 20.5, 6_600_000],
  ['e-letter', 'plain', 5_000, 900_000],
  ['letter', null, 10, 1_390_000],
  ['letter', 'lre', 10, 5_740_000],
  ['e-letter', 'registered', 1, 3_490_000],
  ['e-letter', 'plain', 1, 900_000],
] as const)('%s %s of %s unit(s) costs %s millionths of a euro', (channel, kind, units, micros) => {
  expect(costMicros(Object.values(defaultPolicies()['unit-cost']), channel, kind, units)).toBe(micros);
});
