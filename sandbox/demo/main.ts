import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnv, type Env } from '../../config/env';
import { isRunning, type ProcessMark } from '../../stack/processes';
import { stackSecrets } from '../../stack/secrets';
import { startStack, type Stack } from '../../stack/stack';
import { onStopSignal } from '../../stack/until-signal';
import { startSandbox, type Sandbox } from '../sandbox';
import { createApiClient } from './api-client';
import { createAttendants, lookAfterEarlier, withEarlierPeople } from './attendants';
import type { Attendance } from './attend';
import { follow } from './follow';
import { loadInputs, type DemoInputs } from './inputs';
import { parseOptions, USAGE, UsageError, type DemoOptions } from './options';
import { defineCampaign, dryRun, importPeople, makeKeys, startCampaign, type DemoKeys } from './prepare';
import { openRunRecords, type RunRecord } from './run-record';
import { reportOn } from './report';
import { importCounts, type DemoUrls } from './summary';
import { createTeller, thousands, type Teller } from './teller';

interface Running {
  readonly options: DemoOptions;
  readonly env: Env;
  readonly teller: Teller;
  readonly signal: AbortSignal;
  stack: Stack | null;
  sandbox: Sandbox | null;
  stopAttending: () => void;
}

/** Made-up people have no place among real ones: a data folder of its own, unless one is given. */
function demoEnv(): Env {
  const env = readEnv();
  if (env.BOUCLE_DATA_DIR !== readEnv({}).BOUCLE_DATA_DIR) return env;
  const dataDir = join(env.BOUCLE_DATA_DIR, 'demo');
  return {
    ...env,
    BOUCLE_DATA_DIR: dataDir,
    blobDir: env.BLOB_DIR ?? join(dataDir, 'blobs'),
    knowledgeDir: env.KNOWLEDGE_DIR ?? join(dataDir, 'knowledge'),
  };
}

/** Before anything below the folder is touched: two stacks on one folder would be the end of its mail record. */
function refuseTwo(dataDir: string): void {
  const file = join(dataDir, 'stack.json');
  if (!existsSync(file)) return;
  try {
    const { owner }: { owner: ProcessMark } = JSON.parse(readFileSync(file, 'utf8'));
    if (!isRunning(owner)) return;
    throw new UsageError(
      `Boucle runs from ${dataDir} already (process ${owner.pid}). Stop it with Ctrl-C where it runs, or give another folder in BOUCLE_DATA_DIR.`,
    );
  } catch (fault) {
    // Half written by a killed run: the stack clears it up.
    if (fault instanceof UsageError) throw fault;
  }
}

async function demo(running: Running): Promise<number> {
  const { options, env, teller, signal } = running;
  const dataDir = env.BOUCLE_DATA_DIR;
  const began = Date.now();
  refuseTwo(dataDir);
  if (env.DATABASE_URL !== undefined)
    teller.say('DATABASE_URL is set: the made-up people of this demo go into that database.');

  const records = openRunRecords(dataDir);
  const attached =
    options.attach === null ? null : (records.earlier.find((r) => r.campaignId === options.attach) ?? null);
  if (options.attach !== null && attached === null) {
    throw new UsageError(`--attach: no demo on ${dataDir} began a campaign ${options.attach}`);
  }

  const attendants = createAttendants(
    () => api,
    () => sandbox,
  );
  const sandbox = await startSandbox({
    dataDir,
    signingSecret: stackSecrets(env).slackSigningSecret,
    onMail: (mail, raw) => attendants.onMail(mail, raw),
    onClick: ({ user, button, status }) =>
      teller.say(
        `  In Slack, ${user} clicks “${button}”${status === 200 ? '.' : status === null ? ', and nobody answers.' : `: HTTP ${status}.`}`,
      ),
  });
  running.sandbox = sandbox;
  running.stopAttending = () => attendants.stop();

  const run = attached?.run ?? records.next;
  const source = attached?.source ?? {
    audience: options.audience,
    mapping: options.mapping,
    scenario: options.scenario,
    people: options.people,
  };
  const inputs = loadInputs(source, { run, shopUrl: sandbox.shop.url, nowMs: Date.now() });
  signal.throwIfAborted();

  teller.head('Starting PostgreSQL, Temporal, the worker, the api and the sandbox');
  const stack = await startStack({
    env,
    serviceEnv: sandbox.serviceEnv,
    log: (line) => teller.say(`  ${line}`),
    signal,
  });
  running.stack = stack;
  sandbox.slack.connect(stack.apiUrl);
  teller.say(`  Up after ${((Date.now() - began) / 1_000).toFixed(1)} s.`);

  const admin = createApiClient(stack.apiUrl, stack.secrets.adminKey);
  const keys = await makeKeys(admin, sandbox.slack.user);
  const api = keys.author;
  await lookAfterEarlier(api, attendants, records.earlier, {
    shopUrl: sandbox.shop.url,
    except: options.attach,
    teller,
  });

  const record = attached ?? (await begin(keys, inputs, { run, source, teller, write: records.write }));
  const campaignId = record.campaignId ?? '';
  const attendance = attendants.add(campaignId, {
    ...inputs,
    people: withEarlierPeople(inputs, record, records.earlier, sandbox.shop.url),
  });
  const urls = (temporal: string): DemoUrls => ({
    campaign: `${stack.apiUrl}/campaigns/${campaignId}`,
    report: `${stack.apiUrl}/v1/campaigns/${campaignId}/report`,
    temporal,
    apiDocs: `${stack.apiUrl}/docs`,
    mailSink: sandbox.mail.webUrl,
    slack: sandbox.slack.url,
  });
  teller.say(`  Campaign page: ${urls('').campaign}`);

  const campaign = await follow(attendance, teller, { scenario: inputs.scenario, logsDir: stack.logsDir });
  sayPeople(attendance, sandbox, campaignId, teller);
  const { summary, problems } = await reportOn(api, campaign, {
    imported: record.import ?? { rows: 0, created: 0, merged: 0, rejected: 0 },
    urls: urls(campaign.temporalUrl ?? stack.temporalUiUrl),
    temporal: { address: stack.temporalAddress, namespace: env.TEMPORAL_NAMESPACE },
    knowledgeDir: env.knowledgeDir,
    staysUp: !options.exit,
    teller,
  });
  if (options.json !== null) {
    writeFileSync(options.json, `${JSON.stringify(summary, null, 2)}\n`);
    teller.say(`What happened is written to ${options.json}.`);
  }
  teller.say(
    `It took ${Math.round((Date.now() - began) / 1_000)} s from its start, installation not counted.`,
  );
  for (const problem of problems) teller.say(`Not as it should be: ${problem}.`);
  return problems.length === 0 ? 0 : 1;
}

/** From the files to a running campaign, as a user of the REST API. */
async function begin(
  keys: DemoKeys,
  inputs: DemoInputs,
  {
    run,
    source,
    teller,
    write,
  }: { run: number; source: RunRecord['source']; teller: Teller; write: (record: RunRecord) => void },
): Promise<RunRecord> {
  const api = keys.author;
  // Written before anybody is imported: the people of a run that was killed are not used again.
  write({ run, source, campaignId: null, import: null });
  if (run > 1) {
    teller.say(
      `  Demo number ${run} on this data folder: it has people of its own. Those written to before are kept out by the cap on promotions.`,
    );
  }
  if (inputs.generated) {
    const { people, faults, duplicates } = inputs.generated;
    const sum = (kinds: Readonly<Record<string, number>>): number =>
      Object.values(kinds).reduce((n, k) => n + k, 0);
    teller.head(
      `Importing ${thousands(people)} generated people, with ${sum(duplicates)} duplicates and ${sum(faults)} dirty lines put in on purpose`,
    );
  } else {
    teller.head(`Importing ${inputs.filename}: ${thousands(inputs.people.length)} people`);
  }
  const imported = importCounts(await importPeople(api, inputs, teller));
  teller.head('Defining the campaign: segments, persona matrix, scenario');
  await defineCampaign(keys, inputs, teller);
  teller.head('Dry run: everything but the sending');
  await dryRun(api, inputs, teller);
  teller.head(`Starting the campaign “${inputs.scenario.name}”`);
  const started = await startCampaign(api, inputs.scenario.key);
  const record: RunRecord = { run, source, campaignId: started.id, import: imported };
  write(record);
  teller.say(`  ${started.id}, in Temporal: ${started.temporalUrl}`);
  return record;
}

function sayPeople(attendance: Attendance, sandbox: Sandbox, campaignId: string, teller: Teller): void {
  const { opened, followed, lost, unsubscribed } = attendance.reader.counts;
  const { mails, addresses, repeated } = sandbox.mail.record.counts({ campaign: campaignId });
  teller.head('What people did');
  teller.say(
    `  The mail sink received ${thousands(mails)} mails for ${thousands(addresses)} addresses${repeated.length === 0 ? ', nobody more than one' : `, ${repeated.length} addresses MORE THAN ONE`}.`,
  );
  teller.say(
    `  ${thousands(opened)} opened (where open tracking is agreed to), ${thousands(followed)} followed a link${lost === 0 ? '' : ` (${thousands(lost)} found it dead)`}, ` +
      `${thousands(unsubscribed)} unsubscribed; ${thousands(attendance.eventsSent())} events were told to the api.`,
  );
}

async function main(): Promise<void> {
  const teller = createTeller(process.stdout);
  let options: DemoOptions;
  try {
    options = parseOptions(process.argv.slice(2), process.cwd());
  } catch (fault) {
    process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n\n${USAGE}\n`);
    process.exit(2);
  }
  const stopAll = async (): Promise<void> => {
    running.stopAttending();
    await running.stack?.stop();
    await running.sandbox?.close();
  };
  let working: Promise<number> = Promise.resolve(0);
  const signal = onStopSignal(
    async () => {
      running.stopAttending();
      // A start that was given up stops its own parts.
      if (running.stack === null) await working.catch(() => undefined);
      await stopAll();
    },
    (line) => teller.say(line),
  );
  const running: Running = {
    options,
    env: demoEnv(),
    teller,
    signal,
    stack: null,
    sandbox: null,
    stopAttending: () => undefined,
  };

  working = demo(running);
  let code: number;
  try {
    code = await working;
  } catch (fault) {
    if (signal.aborted) return;
    teller.end();
    const words = fault instanceof Error ? fault.message : String(fault);
    process.stderr.write(`\n${words}\n`);
    code = fault instanceof UsageError ? 2 : 1;
    if (code === 1 && running.stack) process.stderr.write(`Logs: ${running.stack.logsDir}\n`);
    await stopAll();
    process.exit(code);
  }
  if (options.exit) {
    await stopAll();
    process.exit(code);
  }
  teller.say('\nEverything stays up. Ctrl-C stops all of it.');
}

void main();
