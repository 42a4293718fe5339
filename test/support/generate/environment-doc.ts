import { z } from 'zod';
import { ENV_KEYS } from '../../../config/env';
import { projectRoot } from '../../../config/paths';

const cell = (text: string): string => text.replaceAll('|', '\\|');

interface Described {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly description?: string;
}

function form(key: Described): string {
  if (key.enum) return key.enum.map((v) => `\`${v}\``).join(', ');
  if (key.type === 'integer' || key.type === 'number') return `${key.minimum ?? ''} to ${key.maximum ?? ''}`;
  return key.minLength === undefined ? 'text' : `text, at least ${key.minLength} characters`;
}

/** What the key is when it is left out; an optional one is simply not there. */
function standard(schema: z.ZodType): string {
  const value = z
    .union([z.string(), z.number(), z.boolean()])
    .optional()
    .parse(schema.safeParse(undefined).data);
  // The folder of this clone is nobody else's.
  return value === undefined ? '' : `\`${String(value).replace(projectRoot, '.')}\``;
}

/** docs/environment.md, from the keys of config/env.ts. */
export function environmentDoc(): string {
  const rows = Object.entries(ENV_KEYS).map(([name, schema]) => {
    const key: Described = JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input' })));
    return `| \`${name}\` | ${cell(key.description ?? '')} | ${cell(form(key))} | ${cell(standard(schema))} |`;
  });
  return [
    '# Environment',
    '',
    'Generated from `config/env.ts` by `npm run generate`. An empty value counts as left out. A value that cannot be used',
    'ends the process at start with the name of the key, never its value.',
    '',
    '| key | what it is | form | left out |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
