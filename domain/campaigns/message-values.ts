import type { Fault } from '../shared/errors';
import { STRAY_CONTROL } from '../shared/text';
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
      .map(({ name }) => ({
        path: `/values/${name}`,
        message: values[name] === undefined ? 'is required' : 'is empty, and is required',
      })),
    ...Object.entries(values)
      .filter(([, value]) => STRAY_CONTROL.test(value))
      .map(([name]) => ({
        path: `/values/${name}`,
        message: 'holds a control character, such as one that turns the direction of the text',
      })),
  ];
}
