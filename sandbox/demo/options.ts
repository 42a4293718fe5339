import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fromRoot } from '../../config/paths';

export interface DemoOptions {
  /** End after the report. */
  readonly exit: boolean;
  /** File what happened is written to. */
  readonly json: string | null;
  /** null: generated people. */
  readonly audience: string | null;
  readonly mapping: string;
  readonly scenario: string;
  /** How many generated people. */
  readonly people: number;
  /** Follow this campaign of an earlier demo; nothing is started. */
  readonly attach: string | null;
}

/** Something in the command line cannot be: said to the person, exit code 2. */
export class UsageError extends Error {}

export const USAGE = `usage: npm run demo -- [--exit] [--json FILE] [--people N]
                      [--audience FILE --mapping FILE [--scenario FILE]] [--attach CAMPAIGN_ID]

  --exit             ends after the report: 0 if the campaign came to its end and all is written, 1 otherwise
  --json FILE        writes what happened
  --audience FILE    any CSV, with --mapping FILE that says what its columns are
  --scenario FILE    scenario.json beside the mapping unless given; segments.json, offers.json and persona_matrix.csv lie beside it
  --people N         how many people are generated where no audience is given (20,000)
  --attach ID        follows a campaign that an earlier demo on this data folder began`;

const DEFAULT_PEOPLE = 20_000;

export function parseOptions(argv: readonly string[], cwd: string): DemoOptions {
  const given = read(argv);
  const file = (name: string, path: string): string => {
    const full = resolve(cwd, path);
    if (!existsSync(full) || !statSync(full).isFile())
      throw new UsageError(`--${name}: there is no file ${path}`);
    return full;
  };
  if (given.audience !== undefined && given.mapping === undefined) {
    throw new UsageError('--audience needs --mapping: what are the columns of the file?');
  }
  if (given.audience !== undefined && given.people !== undefined) {
    throw new UsageError('--people is for generated people: it does not go with --audience');
  }
  const mapping = file('mapping', given.mapping ?? fromRoot('examples', 'generated', 'mapping.json'));
  const people = given.people === undefined ? DEFAULT_PEOPLE : Number(given.people);
  if (!Number.isInteger(people) || people < 100 || people > 1_000_000) {
    throw new UsageError('--people: a whole number from 100 to 1,000,000');
  }
  return {
    exit: given.exit ?? false,
    json: given.json === undefined ? null : writable(resolve(cwd, given.json)),
    audience: given.audience === undefined ? null : file('audience', given.audience),
    mapping,
    scenario: file('scenario', given.scenario ?? join(dirname(mapping), 'scenario.json')),
    people,
    attach: given.attach ?? null,
  };
}

function read(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        exit: { type: 'boolean' },
        json: { type: 'string' },
        audience: { type: 'string' },
        mapping: { type: 'string' },
        scenario: { type: 'string' },
        people: { type: 'string' },
        attach: { type: 'string' },
      },
    }).values;
  } catch (fault) {
    throw new UsageError(fault instanceof Error ? fault.message : String(fault));
  }
}

/** Told now and not after minutes of work. */
function writable(path: string): string {
  if (!existsSync(dirname(path))) throw new UsageError(`--json: there is no folder ${dirname(path)}`);
  if (existsSync(path) && !statSync(path).isFile()) throw new UsageError(`--json: ${path} is not a file`);
  return path;
}
