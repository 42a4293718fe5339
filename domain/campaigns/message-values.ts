import type { Fault } from '../shared/errors';
import type { Scenario } from './scenario';

export type MessageValues = Readonly<Record<string, string>>;

/** What a service message was asked with, against what its scenario declares. Empty: it can be sent. */
export function messageValueFaults(variables: Scenario['variables'], values: MessageValues): Fault[] {
  const declared = new Map(variables.map((variable) => [variable.name, variable]));
  return [
    ...Object.keys(values)
      .filter((name) => !declared.has(name))
      .map((name) => ({ path: `/values/${name}`, message: 'the scenario declares no such variable' })),
    ...variables
      .filter(({ name, required }) => required && (values[name] ?? '').trim() === '')
      .map(({ name }) => ({ path: `/values/${name}`, message: 'is required' })),
  ];
}
