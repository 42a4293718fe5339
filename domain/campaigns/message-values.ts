import type { Fault } from '../shared/errors';
import { STRAY_CONTROL } from '../shared/text';
import type { Scenario } from './scenario';

export type MessageValues = Readonly<Record<string, string>>;

/** Where a link of a mail may lead. */
const isWebAddress = (value: string): boolean => /^https?:\/\/[^\s"'<>]+$/.test(value) && URL.canParse(value);

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
    ...Object.entries(values)
      .filter(([name, value]) => name.endsWith('Url') && value.trim() !== '' && !isWebAddress(value))
      .map(([name]) => ({ path: `/values/${name}`, message: 'is not an http or https address' })),
  ];
}
